import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeTree } from '../../../plugins/max/src/remove-tree.ts';
import { permissionsUntestable, plainUser } from '../../support/user.ts';

const SOURCE = join(import.meta.dirname, '..', '..', '..', 'plugins', 'max', 'src', 'remove-tree.ts');

test('removes what is there, minds nothing that is not, and leaves alone what a symlink leads to', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'max-remove-'));
  writeFileSync(join(dir, 'kept'), 'kept');
  mkdirSync(join(dir, 'tree', 'a'), { recursive: true });
  symlinkSync(dir, join(dir, 'tree', 'out'));
  await removeTree(join(dir, 'tree'));
  await removeTree(join(dir, 'tree'));
  expect([existsSync(join(dir, 'tree')), existsSync(join(dir, 'kept'))]).toEqual([false, true]);
  await removeTree(dir);
});

test.skipIf(permissionsUntestable())('removes folders that were made read-only, but opens none outside', () => {
  const dir = mkdtempSync(join(tmpdir(), 'max-remove-'));
  chmodSync(dir, 0o777);
  // As somebody whom permissions hold for; node reads the one file of its types only with a loader.
  const script = `
    const { execFileSync } = require('node:child_process');
    const { mkdirSync, writeFileSync, symlinkSync, chmodSync, statSync, existsSync } = require('node:fs');
    const { removeTree } = require(process.argv[1]);
    const dir = process.argv[2];
    mkdirSync(dir + '/other'); chmodSync(dir + '/other', 0o500);
    mkdirSync(dir + '/tree/ro/deep', { recursive: true });
    writeFileSync(dir + '/tree/ro/deep/file', 'x');
    symlinkSync(dir + '/other', dir + '/tree/ro/link');
    chmodSync(dir + '/tree/ro/deep', 0); chmodSync(dir + '/tree/ro', 0o500);
    // Beside it so much that the folders are still being removed when they are walked to be opened.
    for (let at = 0; at < 300; at++) mkdirSync(dir + '/tree/open' + at + '/a/b/c', { recursive: true });
    removeTree(dir + '/tree').then(() => {
      console.log(existsSync(dir + '/tree'), (statSync(dir + '/other').mode & 0o777).toString(8));
    }, (error) => console.log(String(error)));`;
  const bundle = join(dir, 'remove-tree.cjs');
  execFileSync(
    join(import.meta.dirname, '..', '..', '..', 'node_modules', '.bin', 'esbuild'),
    [SOURCE, '--format=cjs', '--platform=node', `--outfile=${bundle}`],
    { stdio: 'ignore' },
  );
  const said = execFileSync(process.execPath, ['-e', script, bundle, dir], {
    cwd: dir,
    encoding: 'utf8',
    ...plainUser(),
  });
  expect(said.trim()).toBe('false 500');
});
