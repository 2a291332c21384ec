import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HelpEntry } from '../src/plugins/help-text.ts';
import type { IndexInput } from '../src/plugins/index-file.ts';
import { commandPages } from './command-pages.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where the pages of the commands lie. */
export const COMMAND_PAGES = join(root, 'docs', 'commands');

/** The commands of rig and of its first-party plugins, as the build has recorded them from their classes. */
function builtEntries(): HelpEntry[] {
  const file = join(root, 'host', 'dist', 'first-party.json');
  const { inputs } = JSON.parse(readFileSync(file, 'utf8')) as { inputs: IndexInput[] };
  return inputs.flatMap(({ name, commands }) => commands.map((command) => ({ plugin: name, command })));
}

/** Every page of docs/commands as it should be, by its file name. */
export function makeCommandPages(): Map<string, string> {
  return commandPages(builtEntries());
}

/** Writes the pages and removes those of commands that are gone. */
function main(): void {
  const pages = makeCommandPages();
  mkdirSync(COMMAND_PAGES, { recursive: true });
  for (const name of readdirSync(COMMAND_PAGES)) if (!pages.has(name)) rmSync(join(COMMAND_PAGES, name));
  for (const [name, text] of pages) writeFileSync(join(COMMAND_PAGES, name), text);
  console.error(`wrote ${pages.size} pages to ${COMMAND_PAGES}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
