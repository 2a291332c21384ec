import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginDefinition } from '@rig/plugin-api';
import type { HelpEntry } from '../src/plugins/help-text.ts';
import { commandPages } from './command-pages.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where the pages of the commands lie. */
export const COMMAND_PAGES = join(root, 'docs', 'commands');

/** First-party plugins in the order of the index page. */
const PLUGINS = ['deploy', 'resources', 'logs', 'max'] as const;

/** The commands of rig and of its first-party plugins, read from their sources: nothing has to be built. */
async function entriesOfSources(): Promise<HelpEntry[]> {
  // Commands take their base class from the running host, so there must be one before they are imported.
  const { installRuntime } = await import('../src/runtime.ts');
  installRuntime();
  const { recordManifest } = await import('../src/plugins/record.ts');
  const definitions: PluginDefinition[] = [];
  for (const plugin of PLUGINS) {
    const module = (await import(`../../plugins/${plugin}/src/index.ts`)) as { default: PluginDefinition };
    definitions.push(module.default);
  }
  const { hostCommands } = await import('../src/commands/index.ts');
  definitions.push(hostCommands);
  return definitions.flatMap((definition) =>
    recordManifest(definition, '0.0.0', '').commands.map((command) => ({ plugin: definition.name, command })),
  );
}

/** Every page of docs/commands as it should be, by its file name. */
export async function makeCommandPages(): Promise<Map<string, string>> {
  return commandPages(await entriesOfSources());
}

/** Writes the pages and removes those of commands that are gone. */
async function main(): Promise<void> {
  const pages = await makeCommandPages();
  mkdirSync(COMMAND_PAGES, { recursive: true });
  for (const name of readdirSync(COMMAND_PAGES)) if (!pages.has(name)) rmSync(join(COMMAND_PAGES, name));
  for (const [name, text] of pages) writeFileSync(join(COMMAND_PAGES, name), text);
  console.error(`wrote ${pages.size} pages to ${COMMAND_PAGES}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
