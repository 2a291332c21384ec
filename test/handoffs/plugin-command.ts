import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { contentHash, filesBelow } from '../../host/scripts/sources.ts';
import { createHome } from '../support/home.ts';
import { rig, rigOk } from '../support/rig.ts';
import type { Line } from './line.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Everything that the host is made of, its built files included. */
const hostNow = (): string => {
  const dist = join(ROOT, 'host', 'dist');
  return contentHash([
    ...filesBelow([join(ROOT, 'host')]),
    join(dist, 'index.json'),
    join(dist, 'main.cjs'),
    join(dist, 'build-id'),
  ]);
};

/** A plugin adds a command without a change to the host. */
export const pluginCommand: Line = {
  handoff: '1 → 2 foundation',
  name: 'a plugin adds a command without a change to the host',
  async check() {
    const host = hostNow();
    const home = createHome();
    try {
      const dir = join(home.dir, 'hello');
      cpSync(join(ROOT, 'examples', 'hello'), dir, {
        recursive: true,
        filter: (path) => !/(node_modules|dist|rig\.manifest\.json)$/.test(path),
      });
      // The command line of its own build script.
      const { scripts } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as { scripts: { build: string } };
      assert.match(
        scripts.build,
        /^esbuild src\/index\.ts --bundle --platform=node --format=esm --outfile=dist\/index\.js && rig plugins manifest$/,
      );
      await build({
        absWorkingDir: dir,
        entryPoints: ['src/index.ts'],
        bundle: true,
        platform: 'node',
        format: 'esm',
        outfile: 'dist/index.js',
        // Where an author's own install would have put plugin-api.
        nodePaths: [join(ROOT, 'node_modules')],
        logLevel: 'silent',
      });
      await rigOk(home, ['plugins', 'manifest', dir]);

      assert.equal((await rig(home, ['hello', 'world'])).exitCode, 2, 'the command must not be there before');
      await rigOk(home, ['plugins', 'link', dir]);
      assert.equal((await rigOk(home, ['hello', 'world'])).stdout, 'Hello, world!\n');
      assert.match((await rigOk(home, ['--help'])).stdout, /rig hello/);
      assert.match((await rigOk(home, ['hello', '--help'])).stdout, /Greet somebody/);
      const log = join(home.dir, 'log');
      await rigOk(home, ['hello'], { env: { RIG_HELLO_LOG: log, RIG_HELLO_GREETING: 'Servus' } });
      assert.match(readFileSync(log, 'utf8'), /^rig hello ended with 0/, 'its tap must have been called');
      await rigOk(home, ['plugins', 'unlink', 'hello']);
      assert.equal((await rig(home, ['hello'])).exitCode, 2);
      assert.equal(hostNow(), host, 'the host must be the same, byte for byte');
      return undefined;
    } finally {
      await home.remove();
    }
  },
};
