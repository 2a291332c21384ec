import { rm } from 'node:fs/promises';
import { homedir, platform, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Config, Services } from '@rig/plugin-api';
import type { Network, SshHostKey } from '@rig/plugin-api/max';
import { blockOf, withoutBlock, withoutSection, withSection } from './block.ts';
import { readConfig, writeConfig } from './config-file.ts';
import { knownKey, withKey, withoutKey } from './known-hosts.ts';
import { latin, unlatin } from './latin.ts';
import { hostKeyAlias, patternsOf, type SectionOwner, sectionName, sectionOf } from './section.ts';

/** What `rig ssh config` has done. */
export interface SshConfig {
  /** ssh's configuration. */
  file: string;
  /** `written`; `unchanged`: it was as it should be; `removed`; `printed`: it was left alone. */
  change: 'written' | 'unchanged' | 'removed' | 'printed';
  /** The context that it was done for, or the server where there is none; `null` where it was for all. */
  context: string | null;
  /** Patterns of the hosts that lead to Max. */
  hosts: string[];
  /** Fingerprint of Max's host key; `null` where something was to be removed. */
  fingerprint: string | null;
  /** The lines that were written, or would be; after a removal what is left of the block, `null` where nothing is. */
  block: string | null;
}

/** What is asked for. */
export interface SshConfigOptions {
  /** Leaves the file alone. */
  print: boolean;
  longNames: boolean;
}

/** Where ssh's configuration lies, by HOME as every shell has it. */
export function configFile(services: Services): string {
  const home = services.runtime.env.HOME || homedir();
  return join(home, '.ssh', 'config');
}

const knownHostsFile = (services: Services): string => join(services.runtime.dirs.data, 'ssh', 'known_hosts');

/** Writes rig's block into ssh's configuration, and Max's host key into a file of known hosts of its own. */
export async function writeSshConfig(services: Services, options: SshConfigOptions): Promise<SshConfig> {
  const file = configFile(services);
  const { context, server } = (await services.config()).target();
  const http = await services.http();
  const key = await http.get<SshHostKey>('/v1/ssh/host-key');
  const networks: string[] = [];
  for await (const { name } of http.pages<Network>('/v1/networks')) networks.push(name);
  const knownHosts = knownHostsFile(services);
  const { longNames } = options;
  const { self } = services.runtime;
  const windows = platform() === 'win32';
  const section = sectionOf({ context, server, networks, longNames, self, knownHosts, windows });
  const written = { ...section, lines: section.lines.map(latin) };
  const before = await readConfig(file);
  const after = withSection(before, written, file);
  await keepKey(services, hostKeyAlias({ context, server }), key);
  const hosts = networks.flatMap((network) => patternsOf(network, longNames)).filter((host) => !host.startsWith('!'));
  const result = {
    file,
    context: section.name,
    hosts,
    fingerprint: key.fingerprint,
    block: unlatin(blockOf([written])),
  };
  if (options.print) return { ...result, change: 'printed' };
  if (after === before) return { ...result, change: 'unchanged' };
  await writeConfig(file, after);
  tellOtherHome(services, file);
  return { ...result, change: 'written' };
}

/**
 * Takes rig's block out again: for every context, or the lines of one alone that `--context` or the environment names, be
 * it gone meanwhile.
 */
export async function removeSshConfig(services: Services): Promise<SshConfig> {
  const file = configFile(services);
  const knownHosts = knownHostsFile(services);
  const owner = namedOwner(await services.config());
  const before = await readConfig(file);
  const after =
    owner === undefined
      ? { text: withoutBlock(before, file), block: undefined }
      : withoutSection(before, latin(sectionName(owner)), file);
  if (after.text !== before) await writeConfig(file, after.text);
  if (after.block === undefined) await rm(knownHosts, { force: true });
  else if (owner !== undefined) await forgetKey(knownHosts, hostKeyAlias(owner));
  return {
    file,
    change: after.text === before ? 'unchanged' : 'removed',
    context: owner === undefined ? null : sectionName(owner),
    hosts: [],
    fingerprint: null,
    block: after.block === undefined ? null : unlatin(after.block),
  };
}

/** Whom the command line or the environment names; `undefined` where it is but the usual one. */
function namedOwner(config: Config): SectionOwner | undefined {
  const context = config.origin('context')?.layer;
  const server = config.origin('server')?.layer === 'environment' ? config.get('server') : undefined;
  if (context !== 'flag' && server !== undefined) return { context: undefined, server };
  const name = context === 'flag' || context === 'environment' ? config.get('context') : undefined;
  return name === undefined ? undefined : { context: name, server: '' };
}

async function forgetKey(knownHosts: string, alias: string): Promise<void> {
  const before = await readConfig(knownHosts);
  const after = withoutKey(before, alias);
  if (after !== before) await writeConfig(knownHosts, after);
}

/** Keeps the key that Max has told over its own, authorised way; a change of it is said. */
async function keepKey(services: Services, alias: string, { publicKey, fingerprint }: SshHostKey): Promise<void> {
  const file = knownHostsFile(services);
  const before = await readConfig(file);
  const known = knownKey(before, alias);
  if (known === publicKey) return;
  if (known !== undefined)
    services.output.warn(
      'RIG_HOST_KEY_CHANGED',
      `the SSH host key of this Max has changed; it is ${fingerprint} now, and ssh trusts it from here on. That is so after ` +
        'rig max reset, or where another Max serves at this address',
    );
  await writeConfig(file, withKey(before, alias, publicKey));
}

/** ssh asks the system where its user is at home, whatever HOME says. */
function tellOtherHome(services: Services, file: string): void {
  let home: string;
  try {
    home = userInfo().homedir;
  } catch {
    return;
  }
  if (join(home, '.ssh', 'config') !== file)
    services.output.note(`ssh reads ${join(home, '.ssh', 'config')} whatever HOME says; for this file: ssh -F ${file}`);
}
