import { ExitCode, RigError } from '@rig/plugin-api';

/** A port of this machine that leads to one of the app's. */
export interface PortPair {
  /** `undefined`: the same as the remote one where that is free, else any. 0: any. */
  local: number | undefined;
  remote: number;
}

const HIGHEST = 65_535;

/**
 * Reads `[LOCAL:]REMOTE`.
 *
 * @throws RigError `RIG_BAD_PORT` (2)
 */
export function readPair(text: string): PortPair {
  const match = /^(?:(\d{1,5}):)?(\d{1,5})$/.exec(text);
  const local = match?.[1] === undefined ? undefined : Number(match[1]);
  const remote = Number(match?.[2]);
  if (match !== null && remote >= 1 && remote <= HIGHEST && (local ?? 0) <= HIGHEST) return { local, remote };
  throw new RigError({
    code: 'RIG_BAD_PORT',
    message: `${JSON.stringify(text)} is no port, and no pair of ports: a port is a number from 1 to ${HIGHEST}`,
    hint: 'for example 5432, or 15432:5432 for port 15432 of this machine; 0:5432 takes any that is free',
    exitCode: ExitCode.Usage,
  });
}

/** Reads all pairs. @throws RigError `RIG_BAD_PORT` (2), also for a local port that is named twice */
export function readPairs(texts: readonly string[]): PortPair[] {
  const pairs = texts.map(readPair);
  const locals = pairs.flatMap(({ local }) => (local ? [local] : []));
  const twice = locals.find((port, index) => locals.indexOf(port) !== index);
  if (twice === undefined) return pairs;
  throw new RigError({
    code: 'RIG_BAD_PORT',
    message: `port ${twice} of this machine is named twice, and can lead to one port alone`,
    hint: `take another for one of them, for example: ${twice + 1}:${pairs.at(-1)?.remote}`,
    exitCode: ExitCode.Usage,
  });
}
