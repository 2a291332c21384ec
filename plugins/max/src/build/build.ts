import { mkdir } from 'node:fs/promises';
import { buildEnvironment } from '../engine/environment.ts';
import type { DiskRoom } from '../store/disk-room.ts';
import type { BuildLog } from './build-log.ts';
import { type CacheUse, runSteps } from './cached-steps.ts';
import { detectBuilder } from './detect.ts';
import { BUILD_LIMITS, type BuildLimits, watchLimits } from './limits.ts';
import type { BuildPlan } from './plan.ts';

/** What is built, and where. */
export interface BuildRequest {
  buildId: string;
  /** The tree; it is changed in place and becomes the release's. */
  folder: string;
  tmp: string;
  log: BuildLog;
  /** Shows the build's log; for a failure's fix. */
  logCommand: string;
  /** The room on the disk that the build fills. */
  room?: DiskRoom;
  /** Aborted by a cancel. */
  signal: AbortSignal;
  limitMs?: number;
  /** Where other limits than {@link BUILD_LIMITS} hold. */
  limits?: Partial<BuildLimits>;
  /** What earlier builds of the app have left; nothing is cached without it. */
  cached?: CacheUse;
  /** Told what builds, before the first step. */
  onPlan?: (plan: BuildPlan) => void;
}

/**
 * Builds a folder: finds what builds it, says why, and runs the steps.
 *
 * @throws DeploymentError `RIG_NO_BUILDER` or `RIG_BUILD_FAILED`; or the reason of the abort
 */
export async function build(request: BuildRequest): Promise<BuildPlan> {
  const { buildId, folder, tmp, log, logCommand, cached, room } = request;
  const limits = { ...BUILD_LIMITS, ...request.limits };
  if (request.limitMs !== undefined) limits.ms = request.limitMs;
  const limit = watchLimits({ buildId, log, logCommand, room }, limits);
  try {
    const signal = AbortSignal.any([request.signal, limit.signal]);
    const plan = await detectBuilder(folder);
    log.say(`builder ${plan.builder}: ${plan.reason}`);
    request.onPlan?.(plan);
    await mkdir(tmp, { recursive: true });
    const env = buildEnvironment({ tmp });
    if (plan.steps.length === 0) log.say('nothing to install or to build');
    await runSteps(plan.steps, { buildId, folder, tmp, env, log, logCommand, signal, cached });
    return plan;
  } finally {
    limit.stop();
  }
}
