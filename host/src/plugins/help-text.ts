import type { ManifestCommand } from '@rig/plugin-api';

/** A command and who owns it, for help. */
export interface HelpEntry {
  plugin: string;
  command: ManifestCommand;
}

/** The options that every command takes, as help shows them. */
export const GLOBAL_OPTIONS: ReadonlyArray<readonly [string, string]> = [
  ['-o, --output FORM', 'How the result is printed: table, json, ndjson, yaml or name'],
  ['--context NAME', 'The server and identity to act with'],
  ['--color[=WHEN]', 'auto, always or never; NO_COLOR and FORCE_COLOR are obeyed too'],
  ['--verbose', 'Say more on stderr'],
  ['--trace', 'Print the hooks that fire, who taps them and how long each takes'],
  ['--no-plugins', 'Use first-party commands alone'],
  ['-h, --help', 'Show this help'],
];

const TOPICS = 'exit-codes, environment, output, names, plugins';

const heading = (text: string): string => `\n${text}\n`;

function table(rows: ReadonlyArray<readonly [string, string]>): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`.trimEnd()).join('\n');
}

/** The usage line of a command, without `rig`. */
export function usageLine(command: ManifestCommand, path = command.paths[0] ?? []): string {
  const args = command.arguments.map((argument) => {
    const name = argument.rest ? `${argument.name}...` : argument.name;
    return argument.proxy ? `-- ${name}` : argument.required ? name : `[${name}]`;
  });
  const options = command.options.map((option) => {
    const long = option.names.reduce((a, b) => (b.length > a.length ? b : a), '');
    const text = option.value ? `${long} ${option.value}` : long;
    return option.required ? text : `[${text}]`;
  });
  return [
    ...path,
    ...args.filter((arg) => !arg.startsWith('-- ')),
    ...options,
    ...args.filter((arg) => arg.startsWith('-- ')),
  ].join(' ');
}

/** Help of one command, unwrapped and uncoloured. */
export function commandHelp({ plugin, command }: HelpEntry, path: readonly string[]): string {
  const parts = [`${command.description ?? path.join(' ')}\n`];
  if (command.details) parts.push(`\n${command.details}\n`);
  parts.push(heading('USAGE'), `  rig ${usageLine(command, [...path])}\n`);
  const others = command.paths.map((words) => words.join(' ')).filter((words) => words !== path.join(' '));
  if (others.length > 0) parts.push(heading('ALSO'), `${others.map((words) => `  rig ${words}`).join('\n')}\n`);
  if (command.options.length > 0)
    parts.push(
      heading('OPTIONS'),
      `${table(
        command.options.map((option) => {
          const names = [...option.names].sort((a, b) => a.length - b.length).join(', ');
          return [option.value ? `${names} ${option.value}` : names, option.description ?? ''] as const;
        }),
      )}\n`,
    );
  if (command.examples?.length)
    parts.push(
      heading('EXAMPLES'),
      `${command.examples.map(([label, line]) => `  ${label}\n    $ ${line.replace(/\$0/g, 'rig')}`).join('\n\n')}\n`,
    );
  parts.push(heading('GLOBAL OPTIONS'), `${table(GLOBAL_OPTIONS)}\n`);
  if (plugin !== 'rig') parts.push(`\nFrom the plugin "${plugin}".\n`);
  return parts.join('');
}

/** Help of a group, e.g. `rig create`. */
export function groupHelp(group: string, entries: readonly HelpEntry[]): string {
  const members = rowsOf(entries, (path) => path.startsWith(`${group} `));
  return [
    `The commands of "rig ${group}"\n`,
    heading('COMMANDS'),
    `${table(members)}\n`,
    `\n"rig ${group} COMMAND --help" tells more about one.\n`,
  ].join('');
}

function rowsOf(entries: readonly HelpEntry[], wanted: (path: string) => boolean): Array<[string, string]> {
  return entries
    .flatMap(({ command }) =>
      command.paths.map((words): [string, string] => [words.join(' '), command.description ?? '']),
    )
    .filter(([path]) => wanted(path))
    .map(([path, text]): [string, string] => [`rig ${path}`, text])
    .sort(([a], [b]) => a.localeCompare(b, 'en'));
}

/** The order of first-party plugins in the root help, by what a newcomer needs first. */
const SECTIONS: ReadonlyArray<readonly [plugin: string, title: string]> = [
  ['deploy', 'DEPLOY'],
  ['resources', 'NETWORKS AND APPS'],
  ['logs', 'LOGS'],
  ['ssh', 'INSIDE AN APP'],
  ['dashboard', 'DASHBOARD'],
  ['max', 'A MAX ON THIS MACHINE'],
  ['rig', 'RIG ITSELF'],
];

/** The commands of rig itself that everybody needs, and a section of their own. */
const SIGN_IN = /^(login|logout|whoami)$/;

/** From nothing to a running app, for who types rig for the first time; `needs` is the plugin whose command it is. */
const FIRST_STEPS: ReadonlyArray<readonly [needs: string, line: string, about: string]> = [
  ['max', 'rig max up', 'Start a Max on this machine'],
  ['max', 'rig max token | rig login --token-stdin', 'Sign in to it'],
  ['deploy', 'rig deploy --create --app api.shop', 'Make the app api, deploy this folder'],
  ['logs', 'rig logs app api.shop', 'Follow its log'],
];

/** Help of rig as a whole. */
export function rootHelp(entries: readonly HelpEntry[]): string {
  const parts = [
    'rig: own networks and apps on Max, deploy local source, follow logs\n',
    heading('USAGE'),
    '  rig COMMAND [OPTIONS]\n',
  ];
  const steps = FIRST_STEPS.filter(([needs]) => entries.some(({ plugin }) => plugin === needs));
  if (steps.length > 0)
    parts.push(heading('FIRST STEPS'), `${table(steps.map(([, line, about]) => [line, about] as const))}\n`);
  const known = new Set(SECTIONS.map(([plugin]) => plugin));
  const extra = [...new Set(entries.map(({ plugin }) => plugin).filter((plugin) => !known.has(plugin)))].sort();
  const sections = [
    ...SECTIONS.slice(0, -1),
    ...extra.map((plugin) => [plugin, `PLUGIN ${plugin.toUpperCase()}`] as const),
    ...SECTIONS.slice(-1),
  ];
  const add = (title: string, rows: Array<[string, string]>): void => {
    if (rows.length > 0) parts.push(heading(title.replace(/[^A-Z ]/g, ' ')), `${table(rows)}\n`);
  };
  for (const [plugin, title] of sections) {
    const own = entries.filter((entry) => entry.plugin === plugin);
    const isSignIn = (path: string): boolean => plugin === 'rig' && SIGN_IN.test(path);
    add('SIGNING IN', rowsOf(own, isSignIn));
    add(
      title,
      rowsOf(own, (path) => !isSignIn(path)),
    );
  }
  parts.push(heading('GLOBAL OPTIONS'), `${table([...GLOBAL_OPTIONS, ['-V, --version', 'Print the version']])}\n`);
  parts.push(`\n"rig COMMAND --help" tells more about a command, "rig help TOPIC" about: ${TOPICS}.\n`);
  return parts.join('');
}

/** All help texts of a set of plugins, keyed by path; the empty path is the root. */
export function allHelp(entries: readonly HelpEntry[]): Map<string, string> {
  const texts = new Map<string, string>([['', rootHelp(entries)]]);
  const groups = new Map<string, HelpEntry[]>();
  for (const entry of entries)
    for (const words of entry.command.paths) {
      texts.set(words.join(' '), commandHelp(entry, words));
      for (let n = 1; n < words.length; n++) {
        const group = words.slice(0, n).join(' ');
        const members = groups.get(group) ?? [];
        groups.set(group, [...members, entry]);
      }
    }
  for (const [group, members] of groups) {
    const own = texts.get(group);
    // A command that is also a group (deploy, deploy attach) shows both.
    texts.set(group, own === undefined ? groupHelp(group, members) : `${own}\n${groupHelp(group, members)}`);
  }
  return texts;
}
