import type { ManifestCommand } from '@rig/plugin-api';
import { TOPICS } from '../src/help/show.ts';
import { GLOBAL_OPTIONS, type HelpEntry, usageLine } from '../src/plugins/help-text.ts';

const MADE = '<!-- Made by `npm run docs` from the commands themselves: change those. -->\n';

/** The sections of the index page, by plugin. */
const SECTIONS: ReadonlyArray<readonly [plugin: string, title: string]> = [
  ['deploy', 'Deploy'],
  ['resources', 'Networks and apps'],
  ['logs', 'Logs'],
  ['ssh', 'Inside an app'],
  ['dashboard', 'Dashboard'],
  ['max', 'A Max on this machine'],
  ['rig', 'rig itself'],
];

/** What a result is, and which forms it can be printed in. */
const RESULTS: Record<ManifestCommand['result'], string> = {
  value: 'One value: `-o json` and `yaml` print one document, `-o ndjson` one line.',
  list: 'A list: `-o json` and `yaml` print one array, `-o ndjson` an item a line, `-o name` a name a line.',
  stream:
    'A stream: `-o ndjson` prints a record a line as it comes; `-o json` and `yaml` print one array, once it has ended.',
  raw: 'None of rig’s own: the command uses the terminal itself.',
};

const nameOf = ({ paths }: ManifestCommand): string => (paths[0] ?? []).join(' ');
const fileOf = (command: ManifestCommand): string => `${nameOf(command).replaceAll(' ', '-')}.md`;
const cell = (text: string): string => text.replaceAll('|', '\\|');

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}

const code = (text: string): string => `\`${text}\``;

function optionRows({ options }: ManifestCommand): string[][] {
  return options.map(({ names, value, required, description = '' }) => {
    const shown = [...names].sort((a, b) => a.length - b.length).join(', ');
    return [code(value ? `${shown} ${value}` : shown), `${description}${required ? ' (required)' : ''}`];
  });
}

function argumentRows(command: ManifestCommand): string[][] {
  return command.arguments.map(({ name, required, rest, proxy }) => {
    const many = proxy ? 'everything that follows, options too' : rest ? 'may be given several times' : '';
    return [code(name), [required ? 'required' : 'optional', many].filter(Boolean).join('; ')];
  });
}

function commandPage({ plugin, command }: HelpEntry): string {
  const parts = [MADE, `# rig ${nameOf(command)}\n`, `${command.description ?? ''}.\n`];
  const usage = command.paths.map((path) => `rig ${usageLine(command, path)}`);
  parts.push(`\`\`\`\n${usage.join('\n')}\n\`\`\`\n`);
  if (command.details) parts.push(`${command.details}\n`);
  if (command.arguments.length > 0) parts.push('## Arguments\n', table(['argument', ''], argumentRows(command)));
  if (command.options.length > 0) parts.push('## Options\n', table(['option', 'meaning'], optionRows(command)));
  parts.push('It takes the [options of every command](README.md#options-of-every-command) as well.\n');
  if (command.examples?.length)
    parts.push(
      '## Examples\n',
      ...command.examples.map(([label, line]) => `${label}:\n\n\`\`\`sh\n${line.replaceAll('$0', 'rig')}\n\`\`\`\n`),
    );
  parts.push('## Result\n', `${RESULTS[command.result]}\n`);
  parts.push(
    `It ends with 0, or with the exit code of its [error](../errors.md); [all exit codes](../exit-codes.md).${
      plugin === 'rig' ? '' : ` From the plugin \`${plugin}\`.`
    }\n`,
  );
  return parts.join('\n');
}

function indexPage(entries: readonly HelpEntry[]): string {
  const parts = [MADE, '# Commands\n'];
  for (const [plugin, title] of SECTIONS) {
    const rows = entries
      .filter((entry) => entry.plugin === plugin)
      .map(({ command }) => [`[rig ${nameOf(command)}](${fileOf(command)})`, command.description ?? '']);
    if (rows.length > 0) parts.push(`## ${title}\n`, table(['command', ''], rows));
  }
  const options = [...GLOBAL_OPTIONS, ['-V, --version', 'Print the version; alone'] as const];
  parts.push(
    '## Options of every command\n',
    table(
      ['option', 'meaning'],
      options.map(([names, meaning]) => [code(names), meaning]),
    ),
    'They may stand anywhere before the first `--`. `rig help COMMAND` is `rig COMMAND --help`; `rig help TOPIC` tells about one of:',
    `${TOPICS.join(', ')}.\n`,
  );
  return parts.join('\n');
}

/** The pages of commands and their index, by file name. @throws Error where a plugin has no section */
export function commandPages(entries: readonly HelpEntry[]): Map<string, string> {
  const homeless = entries.find(({ plugin }) => !SECTIONS.some(([known]) => known === plugin));
  if (homeless) throw new Error(`the plugin "${homeless.plugin}" has no section in the index of commands`);
  return new Map([
    ['README.md', indexPage(entries)],
    ...entries.map((entry): [string, string] => [fileOf(entry.command), commandPage(entry)]),
  ]);
}
