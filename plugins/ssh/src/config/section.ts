import type { Section } from './block.ts';

/** What the lines of a context are made of. */
export interface SectionOptions {
  /** Name of the context; `undefined` where the environment names the server. */
  context: string | undefined;
  server: string;
  networks: readonly string[];
  /** Only `APP.NETWORK.rig`, not `APP.NETWORK`. */
  longNames: boolean;
  /** `[node, rig.cjs]`. */
  self: readonly [string, string];
  /** The file with Max's host key. */
  knownHosts: string;
  /** Whether programs are named as on Windows. */
  windows: boolean;
}

/** Whose section it is: a context's, whatever address its server has, or a server's that the environment names alone. */
export type SectionOwner = Pick<SectionOptions, 'context' | 'server'>;

/** What the section of an owner is called in the block. */
export function sectionName({ context, server }: SectionOwner): string {
  return context ?? server;
}

/** The name that the host key of an owner's Max has in the file of known hosts. */
export function hostKeyAlias({ context, server }: SectionOwner): string {
  return context === undefined ? `rig@${server.replace(/^https?:\/\//, '')}` : `rig-${context}`;
}

/** Patterns of the hosts of a network. */
export function patternsOf(network: string, longNames: boolean): string[] {
  const long = `*.${network}.rig`;
  if (longNames) return [long];
  // Two labels alone: a host of the Internet such as git.example.shop is none of Max's.
  return [long, `*.${network}`, `!*.*.${network}`];
}

/** The lines that lead ssh to the apps of a context. */
export function sectionOf(options: SectionOptions): Section {
  const { context, server, networks, longNames, self, knownHosts, windows } = options;
  const word = (text: string): string => quoted(text, windows);
  const proxy = [...self, 'ssh', 'proxy', ...(context === undefined ? [] : ['--context', context])];
  // What the environment says when ssh is run may be another server.
  const command = [...(context === undefined && !windows ? ['env', `RIG_SERVER=${server}`] : []), ...proxy].map(word);
  const settings = [
    // A shell reads the line: a name from elsewhere, such as a URL's, is data there.
    `ProxyCommand ${command.join(' ')} ${windows ? '%h' : "'%h'"}`,
    `HostKeyAlias ${hostKeyAlias(options)}`,
    `UserKnownHostsFile "${knownHosts.replaceAll('%', '%%')}"`,
    'StrictHostKeyChecking yes',
    'HostKeyAlgorithms ssh-ed25519',
    'CheckHostIP no',
    // What Max refuses: a general yes for other hosts would only make ssh complain.
    'ForwardAgent no',
    'ForwardX11 no',
  ];
  const hosts = networks.flatMap((network) => [
    `Host ${patternsOf(network, longNames).join(' ')}`,
    ...settings.map((line) => `  ${line}`),
  ]);
  return { name: sectionName(options), lines: hosts };
}

/** A word of a command line as the user's shell reads it; `%` is ssh's own. */
function quoted(text: string, windows: boolean): string {
  const word = text.replaceAll('%', '%%');
  if (/^[\w./:%+=@-]+$/.test(word)) return word;
  return windows ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}
