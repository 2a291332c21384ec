import { randomUUID } from 'node:crypto';
import { ExitCode, RigError, type Services, value } from '@rig/plugin-api';
import { appPath, type Deployment, INSTANCES_MAX, type Scale } from '@rig/plugin-api/max';
import { type Ref, unknown } from './apps.ts';
import { awaitRelease } from './config/await-release.ts';
import { explain } from './explain.ts';
import { fullName } from './names.ts';

/** What a restart or a scale gives back. */
export interface Restarted {
  app: string;
  network: string;
  /** Number of the release that serves now. */
  release: number | null;
  deployment: string;
}

/** Starts what serves anew, with that many instances where it is said, and waits until it serves. */
export async function restart(services: Services, ref: Ref, scale?: Scale): Promise<Restarted> {
  const http = await services.http();
  const path = `${appPath(ref)}/${scale === undefined ? 'restart' : 'scale'}`;
  const sent = { idempotencyKey: randomUUID(), ...(scale === undefined ? {} : { json: scale }) };
  const started = await explain(unknown(ref), () => http.post<Deployment>(path, sent));
  const { id, release } = await awaitRelease(services, http, ref, started);
  return { app: ref.app, network: ref.network, release, deployment: id };
}

/** Reads the value of `--instances`. @throws RigError `RIG_BAD_OPTION` (2) */
export function parseInstances(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= INSTANCES_MAX) return count;
  throw new RigError({
    code: 'RIG_BAD_OPTION',
    message: `--instances must be a whole number from 1 to ${INSTANCES_MAX}, and is ${JSON.stringify(text)}`,
    hint: 'for example: --instances 2',
    exitCode: ExitCode.Usage,
  });
}

/** The release that serves after a restart or a scale. */
export const restartedView = value<Restarted>(
  (result) => [`v${result.release} of ${fullName(result)} serves.`],
  (result) => fullName(result),
);
