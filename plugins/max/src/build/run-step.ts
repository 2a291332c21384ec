import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { MARK } from '../engine/engine.ts';
import { processesOf, signalGroup, signalProcess } from '../engine/process-table.ts';
import type { BuildLog } from './build-log.ts';
import { DeploymentError } from './failure.ts';
import type { BuildStep } from './plan.ts';

const KILL_AFTER_MS = 3_000;
const MOST_LOOKS = 250;

/** Where a step runs, and what ends it early. */
export interface StepContext {
  buildId: string;
  folder: string;
  env: Record<string, string>;
  log: BuildLog;
  /** Shows the build's log; for a failure's fix. */
  logCommand: string;
  /** Aborted by a cancel or when the build takes too long; the reason is thrown. */
  signal: AbortSignal;
}

/**
 * Runs one program of a build, its output into the build's log. When it ends, so does all that it started.
 *
 * @throws DeploymentError `RIG_BUILD_FAILED`, or the reason of the abort
 */
export async function runStep(step: BuildStep, context: StepContext): Promise<void> {
  const { buildId, folder, env, log, signal } = context;
  signal.throwIfAborted();
  const [file, ...args] = step.command;
  const text = step.title ?? step.command.join(' ');
  log.say(`$ ${text}`);
  const child = execa(file, args, {
    cwd: folder,
    env: { ...env, [MARK]: buildId },
    extendEnv: false,
    stdin: 'ignore',
    buffer: false,
    reject: false,
    // A group of its own: what it starts is ended with it.
    detached: true,
    encoding: 'buffer',
  });
  const flushes = [log.attach(child.stdout, 'stdout'), log.attach(child.stderr, 'stderr')];
  const onAbort = (): void => void endGroup(child.pid, buildId);
  signal.addEventListener('abort', onAbort, { once: true });
  const result = await child;
  signal.removeEventListener('abort', onAbort);
  for (const flush of flushes) flush();
  await endGroup(child.pid, buildId);
  signal.throwIfAborted();
  if (log.failure !== undefined) throw unwritable(log.failure);
  if (!result.failed) return;
  throw new DeploymentError({
    code: 'RIG_BUILD_FAILED',
    ...explain(file, text, result, context.logCommand),
    lines: log.tail(),
  });
}

function explain(
  file: string,
  text: string,
  result: { exitCode?: number; signal?: string; code?: string },
  logCommand: string,
): { reason: string; fix: string } {
  if (result.code === 'ENOENT') {
    return {
      reason: `"${text}" could not run: there is no program ${file} on the PATH that Max was started with`,
      fix: `install ${file}, then: rig max down && rig max up`,
    };
  }
  const how = result.signal === undefined ? `exit code ${result.exitCode}` : `signal ${result.signal}`;
  return {
    reason: `"${text}" ended with ${how}`,
    fix: `correct the cause and deploy again; the whole log: ${logCommand}`,
  };
}

function unwritable(error: Error): DeploymentError {
  return new DeploymentError({
    code: 'RIG_BUILD_FAILED',
    reason: `the build's log could not be written: ${error.message}`,
    fix: 'make room on the disk that Max keeps its state on, and deploy again',
  });
}

/** Ends a step's processes: asks, and after a while insists. */
async function endGroup(pid: number | undefined, buildId: string): Promise<void> {
  if (pid === undefined || processesOf(buildId, pid).length === 0) return;
  signalGroup(pid, 'SIGTERM');
  const deadline = Date.now() + KILL_AFTER_MS;
  while (processesOf(buildId, pid).length > 0) {
    if (Date.now() > deadline) return killAll(pid, buildId);
    await delay(50);
  }
}

/** What forks may be ahead of one look at the processes: looks again until nothing is left. */
async function killAll(pid: number, buildId: string): Promise<void> {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const left = processesOf(buildId, pid);
    if (left.length === 0) return;
    signalGroup(pid, 'SIGKILL');
    for (const one of left) signalProcess(one, 'SIGKILL');
    await delay(20);
  }
}
