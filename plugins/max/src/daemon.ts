import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { ExitCode, RigError, type Services } from '@rig/plugin-api';
import { identityOf, signalProcess } from './engine/process-table.ts';
import { runMaxProcess } from './max-process.ts';
import type { ServeOptions } from './serve-options.ts';
import { isStateFolder, type RunFile, readRunFile } from './store/state-paths.ts';

/** What the commands need of the host. */
type Host = Pick<Services, 'runtime' | 'signal'>;

/** How long a Max may take to end after it was asked to. */
const END_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** The Max that runs on a folder. A process that merely has the number of one that died is none. */
export function runningOn(dir: string): RunFile | undefined {
  const run = readRunFile(dir);
  return run !== undefined && identityOf(run.pid) === run.identity ? run : undefined;
}

/** Whether a Max answers at this URL. */
export function answers(url: string, timeoutMs = 2000): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`${url}/healthz`, { timeout: timeoutMs, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

function silent(run: RunFile): RigError {
  return new RigError({
    code: 'RIG_UNREACHABLE',
    message: `Max is running (process ${run.pid}) and does not answer at ${run.url}`,
    hint: 'see why with: rig max logs; start it anew with: rig max down, then rig max up',
    exitCode: ExitCode.Unreachable,
  });
}

/** Makes sure that a Max runs on the folder, and gives it and whether it did already. */
export async function up(
  host: Host,
  { dir, port, sessions }: Pick<ServeOptions, 'dir' | 'port' | 'sessions'>,
): Promise<{ run: RunFile; already: boolean }> {
  const before = runningOn(dir);
  if (before !== undefined) {
    if (await answers(before.url)) return { run: before, already: true };
    throw silent(before);
  }
  try {
    await runMaxProcess(host, { dir, port, sessions, version: host.runtime.version, owner: undefined, task: 'serve' });
  } catch (error) {
    // Another `up` may have been faster by a moment.
    const other = (error as RigError).code === 'RIG_MAX_RUNNING' ? await appears(dir, host.signal) : undefined;
    if (other === undefined) throw error;
    return { run: other, already: true };
  }
  const run = runningOn(dir);
  if (run === undefined)
    throw new RigError({
      code: 'RIG_MAX_FAILED',
      message: 'Max ended right after its start',
      hint: 'see: rig max logs',
    });
  return { run, already: false };
}

async function appears(dir: string, signal: AbortSignal): Promise<RunFile | undefined> {
  for (const end = Date.now() + END_MS; Date.now() < end; await pause(LOOK_EVERY_MS, undefined, { signal })) {
    const run = runningOn(dir);
    if (run !== undefined) return run;
  }
  return undefined;
}

/**
 * Ends the Max of a folder, and waits until it is gone; gives it, or `undefined` where none ran.
 *
 * @throws RigError `RIG_TIMEOUT` (7)
 */
export async function endMax(dir: string, signal: AbortSignal): Promise<RunFile | undefined> {
  const run = runningOn(dir);
  if (run === undefined) return undefined;
  signalProcess(run.pid, 'SIGTERM');
  for (const end = Date.now() + END_MS; Date.now() < end; await pause(LOOK_EVERY_MS, undefined, { signal }))
    if (identityOf(run.pid) !== run.identity) return run;
  throw new RigError({
    code: 'RIG_TIMEOUT',
    message: `Max (process ${run.pid}) was asked to end and did not within ${END_MS / 1000} s`,
    hint: `end it by force, which loses nothing that was acknowledged: kill -9 ${run.pid}`,
    exitCode: ExitCode.TimedOut,
  });
}

/** Ends the apps that a Max of this folder left running; gives how many processes that were. */
export async function endApps(host: Host, dir: string): Promise<number> {
  if (!isStateFolder(dir)) return 0;
  return await errand(host, dir, 'stop-apps');
}

/** Ends the apps of a Max that does not run, and removes its state. */
export async function removeAll(host: Host, dir: string): Promise<number> {
  return await errand(host, dir, 'reset');
}

async function errand(host: Host, dir: string, task: 'stop-apps' | 'reset'): Promise<number> {
  const done = await runMaxProcess(host, { dir, port: 0, version: host.runtime.version, owner: undefined, task });
  return done.kind === 'done' ? done.apps : 0;
}
