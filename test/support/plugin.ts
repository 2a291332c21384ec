import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Home } from './home.ts';
import { rigOk } from './rig.ts';

/** Builds a plugin the way its author would: TypeScript into one ES module, then the manifest by rig itself. */
export async function makePlugin(home: Home, name: string, source: string): Promise<string> {
  const dir = join(home.dir, 'plugins', name);
  await mkdir(join(dir, 'dist'), { recursive: true });
  await writeFile(
    join(dir, 'package.json'),
    JSON.stringify({ name: `rig-plugin-${name}`, version: '1.2.3', type: 'module', exports: './dist/index.js' }),
  );
  await build({
    stdin: { contents: source, loader: 'ts', resolveDir: import.meta.dirname },
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['rig-source'],
    outfile: join(dir, 'dist', 'index.js'),
    logLevel: 'silent',
  });
  await rigOk(home, ['plugins', 'manifest', dir]);
  return dir;
}

/** A plugin with one command `rig NAME` that returns `{text}`, made by the given body of `run`. */
export function oneCommand(name: string, body: string, extra = ''): string {
  return `
    import { commandFinished, definePlugin, httpRequest, on, Option, RigCommand, value } from '@rig/plugin-api';
    class Only extends RigCommand<{ text: string }> {
      static override paths = [['${name}']];
      static override usage = RigCommand.Usage({ description: 'The command of ${name}' });
      static override result = value<{ text: string }>((v) => [v.text]);
      async run(services: any) { ${body} }
    }
    export default definePlugin({ name: '${name}', commands: [Only], ${extra} });
  `;
}
