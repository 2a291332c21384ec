import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BuildLog } from '../build/build-log.ts';
import { DeploymentError } from '../build/failure.ts';
import { runStep } from '../build/run-step.ts';
import { startCommand } from '../engine/start-command.ts';
import { lastLines } from '../logs/last-lines.ts';
import type { InstanceContext } from './instance-context.ts';
import { instanceEnvironment } from './instance-environment.ts';

/** What the lines of the command stand under in the app's log. */
const INSTANCE = 'release.1';

/** A release command may take that long. */
const RELEASE_LIMIT_MS = 10 * 60_000;

/**
 * Runs the `release:` command of a Procfile, such as a migration of a database, in the new release's folder and environment.
 *
 * @param id marks its processes: a Max that comes after a crash ends what is left of them
 * @throws DeploymentError `RIG_RELEASE_FAILED`, or the reason of the abort: the release must not serve then
 */
export async function runReleasePhase(context: InstanceContext, id: string, cancel: AbortSignal): Promise<void> {
  const { app, release, codeFolder, homeFolder, log } = context;
  const plan = release.processes.release;
  if (plan?.kind !== 'command') return;
  const tmp = join(dirname(codeFolder), 'tmp');
  await mkdir(tmp, { recursive: true, mode: 0o700 });
  await mkdir(homeFolder, { recursive: true, mode: 0o700 });
  const env = instanceEnvironment(context, { instance: INSTANCE, port: null, tmp });
  const before = log.last;
  const logCommand = `rig logs app ${app.name}.${app.network} --instance release`;
  const failed = (reason: string): DeploymentError =>
    new DeploymentError({
      code: 'RIG_RELEASE_FAILED',
      reason: `the release command ${reason}; the new release does not serve`,
      fix: `correct it and deploy again; all that it said: ${logCommand}`,
      lines: lastLines(log, INSTANCE, before),
    });
  const limit = AbortSignal.timeout(RELEASE_LIMIT_MS);
  const [file = '', ...args] = startCommand(plan, codeFolder);
  try {
    await runStep(
      { command: [file, ...args], title: plan.command },
      {
        buildId: id,
        folder: codeFolder,
        env,
        log: new BuildLog(log, INSTANCE),
        logCommand,
        signal: AbortSignal.any([cancel, limit]),
      },
    );
  } catch (error) {
    if (cancel.aborted) throw error;
    if (limit.aborted)
      throw failed(`"${plan.command}" took longer than ${RELEASE_LIMIT_MS / 60_000} minutes and was ended`);
    throw failed((error as Error).message);
  }
}
