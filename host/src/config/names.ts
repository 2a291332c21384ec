import type { AppRef } from '@rig/plugin-api';
import { ExitCode, RigError } from '@rig/plugin-api';
import { checkName } from '@rig/plugin-api/max';

/** A name somebody gave, how near it stands (0 is nearest) and where. */
export interface Candidate {
  name: string;
  rank: number;
  origin: string;
}

/** What can name an app and a network, nearest first in each. */
export interface Named {
  apps: readonly Candidate[];
  networks: readonly Candidate[];
}

const usage = (code: string, message: string, hint: string): RigError =>
  new RigError({ code, message, hint, exitCode: ExitCode.Usage });

function requireName(kind: 'app' | 'network', name: string, origin: string): void {
  const problem = checkName(name);
  if (problem)
    throw usage(
      'RIG_BAD_NAME',
      `the name ${JSON.stringify(name)} of the ${kind} (${origin}) ${problem.reason}`,
      `a name that works: ${problem.suggestion}`,
    );
}

/**
 * Decides which app is meant: the nearest source of each of app and network wins, and `APP.NETWORK` names both.
 *
 * @throws RigError `RIG_NO_APP`, `RIG_NO_NETWORK`, `RIG_BAD_NAME` (2)
 */
export function chooseApp({ apps, networks }: Named): AppRef {
  const [picked] = apps;
  if (!picked)
    throw usage(
      'RIG_NO_APP',
      'no app was named',
      'name it: --app APP.NETWORK; or for good in this folder: { "app": "APP.NETWORK" } in .rigrc',
    );
  const [app = '', inApp, ...more] = picked.name.split('.');
  if (more.length > 0)
    throw usage(
      'RIG_BAD_NAME',
      `the name ${JSON.stringify(picked.name)} of the app (${picked.origin}) has more than one dot`,
      'an app is named APP or APP.NETWORK',
    );
  requireName('app', app, picked.origin);
  const all = inApp === undefined ? networks : [...networks, { name: inApp, rank: picked.rank, origin: picked.origin }];
  const { network, origin } = chooseNetwork(all, picked);
  return { app, network, origin: origin === picked.origin ? origin : `${picked.origin} and ${origin}` };
}

/** How the app is written with its network where it was given. */
function wholeName({ name, origin }: Candidate): string {
  // An argument, in capitals, is written as it is; whatever else gave the name, the option is nearer.
  return /^[A-Z]+$/.test(origin) ? `${name}.NETWORK` : `--app ${name}.NETWORK`;
}

/**
 * Decides which network is meant: the nearest source wins.
 *
 * @param app whose network it is, for the message where there is none
 * @throws RigError `RIG_NO_NETWORK`, `RIG_BAD_NAME` (2)
 */
export function chooseNetwork(networks: readonly Candidate[], app?: Candidate): { network: string; origin: string } {
  const rank = Math.min(...networks.map((one) => one.rank));
  const nearest = networks.filter((one) => one.rank === rank);
  const [picked] = nearest;
  if (!picked)
    throw usage(
      'RIG_NO_NETWORK',
      app === undefined ? 'no network was named' : `no network was named for the app ${app.name}`,
      `name it: ${app === undefined ? '--network NETWORK' : wholeName(app)}; or for good: rig config set network NETWORK`,
    );
  const other = nearest.find((one) => one.name !== picked.name);
  if (other)
    throw usage(
      'RIG_BAD_NAME',
      `the network is named twice, ${JSON.stringify(picked.name)} (${picked.origin}) and ${JSON.stringify(other.name)} (${other.origin})`,
      'name it once',
    );
  requireName('network', picked.name, picked.origin);
  return { network: picked.name, origin: picked.origin };
}
