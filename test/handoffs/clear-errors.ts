import assert from 'node:assert/strict';
import { join } from 'node:path';
import { writeTree } from '../support/app.ts';
import { createHome, type Home } from '../support/home.ts';
import { deadPort } from '../support/ports.ts';
import { type RigOptions, rig } from '../support/rig.ts';
import { saidError } from '../support/said-error.ts';
import { everyCommand, type OwnedCommand } from './every-command.ts';
import type { Ground, Line } from './line.ts';

/** A way to an error. */
interface Wrong {
  home: Home;
  args: string[];
  options?: RigOptions;
  /** What it must end with. */
  exitCode: number;
}

/** What asks Max, and so can meet a network, a server or a name that is not there. */
const ASKING = new Set(['resources', 'deploy', 'logs']);

/** Values that no option of that name can have. */
const BAD_VALUES: Readonly<Record<string, string>> = {
  '--app': 'Not_A_Name',
  '--network': 'Not_A_Name',
  '--limit': 'many',
  '--lines': '-1',
  '--since': 'someday',
  '--until': 'someday',
  '--level': 'loudly',
  '--grep': '(',
  '--instances': 'none',
  '--to': 'latest',
};

/** Arguments with which a command gets as far as asking Max, about an app that nobody has. */
function askingArgs({ words, command }: OwnedCommand, folder: string): { args: string[]; named: boolean } {
  const args = [...words];
  let named = false;
  for (const { name } of command.arguments) {
    if (name === 'PATH') args.push(folder);
    if (name === 'NAME' || name === 'APP') {
      named = true;
      args.push(words.includes('network') ? 'nowhere' : 'nope.nowhere');
    }
    if (name.startsWith('KEY')) args.push(name === 'KEY' ? 'KEY' : 'KEY=value');
  }
  const has = (option: string): boolean => command.options.some(({ names }) => names.includes(option));
  if (has('--app')) args.push('--app', 'nope.nowhere');
  if (has('--yes')) args.push('--yes');
  if (has('--value-stdin')) args.push('--value-stdin');
  if (has('--instances')) args.push('--instances', '2');
  // An update that changes nothing is no update.
  if (words[0] === 'update' && ['app', 'network'].includes(words[1] ?? '')) args.push('--name', 'renamed');
  // `create` of a network makes one whatever the name, and lists of everything have nobody to miss.
  return { args, named: (named && words.join(' ') !== 'create network') || has('--app') };
}

/** Every way to misuse a command that follows from its declaration. */
function misuses(owned: OwnedCommand, bare: Home): Wrong[] {
  const { words, command } = owned;
  const usage = (...args: string[]): Wrong => ({ home: bare, args: [...words, ...args], exitCode: 2 });
  const required = command.arguments.filter((argument) => argument.required);
  const fill: Readonly<Record<string, string>> = { PATH: '.', 'KEY=VALUE': 'KEY=value' };
  const filled = command.arguments.map(({ name }) => fill[name] ?? 'abc');
  const wrong = [usage(...filled, '--no-such-option')];
  if (required.length > 0) wrong.push(usage());
  if (!command.arguments.some(({ rest }) => rest)) wrong.push(usage(...filled, 'one-too-many'));
  for (const { names, value } of command.options) {
    const [name = ''] = names;
    if (value !== undefined) wrong.push(usage(...filled, name));
    const bad = ASKING.has(owned.plugin) ? BAD_VALUES[name] : undefined;
    if (bad !== undefined) wrong.push(usage(...filled, `${name}=${bad}`));
  }
  return wrong;
}

async function ways({ max }: Ground, bare: Home): Promise<Wrong[]> {
  const folder = await writeTree(join(bare.dir, 'site'), { 'index.html': 'hello' });
  const dead = { RIG_SERVER: `http://127.0.0.1:${await deadPort()}`, RIG_TOKEN: 'max_api_nobody' };
  const refused = { RIG_SERVER: max.url, RIG_TOKEN: 'max_api_nobody' };
  return everyCommand().flatMap((owned) => {
    const wrong = misuses(owned, bare);
    if (!ASKING.has(owned.plugin)) return wrong;
    const { args, named } = askingArgs(owned, folder);
    const input = args.includes('--value-stdin') ? { input: 'a value' } : {};
    wrong.push({ home: bare, args, options: input, exitCode: 4 });
    wrong.push({ home: bare, args, options: { ...input, env: dead }, exitCode: 6 });
    wrong.push({ home: bare, args, options: { ...input, env: refused }, exitCode: 4 });
    if (named) wrong.push({ home: max.home, args, options: input, exitCode: 3 });
    return wrong;
  });
}

async function check({ home, args, options, exitCode }: Wrong): Promise<void> {
  const what = `rig ${args.join(' ')}`;
  const error = saidError(what, await rig(home, [...args, '-o', 'json'], options));
  assert.equal(error.exitCode, exitCode, `${what}: ${JSON.stringify(error)}`);
}

/** Every error path ends in a clear message. */
export const clearErrors: Line = {
  handoff: '3 → 4 resources',
  name: 'every error path ends in a clear message',
  async check(ground) {
    const bare = createHome();
    try {
      const all = await ways(ground, bare);
      const queue = all.values();
      const faults: string[] = [];
      const work = async (): Promise<void> => {
        for (const wrong of queue) await check(wrong).catch((error: Error) => faults.push(error.message));
      };
      await Promise.all([work(), work()]);
      assert.deepEqual(faults, [], faults.join('\n'));
      return { value: all.length, unit: '', note: 'ways to an error, of every command, each with its code and a hint' };
    } finally {
      await bare.remove();
    }
  },
};
