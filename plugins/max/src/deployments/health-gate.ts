import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceFailure } from '@rig/plugin-api/max';
import type { EngineProcess } from '../engine/engine.ts';
import { probe } from './health.ts';
import { type InstanceError, notHealthy } from './instance-failure.ts';
import type { Tuning } from './tuning.ts';

/** Looks that may fail in a row before an instance counts as unhealthy. */
const FAILED_LOOKS = 3;

/** How the wait for a new instance ended. */
export type Gate =
  | { kind: 'healthy'; host: string | undefined }
  | { kind: 'failed'; error: InstanceError }
  /** Its process ended, or it was retired. */
  | { kind: 'ended' };

/** A new instance that is waited for. */
interface Awaited {
  name: string;
  /** `api.shop` */
  app: string;
  process: EngineProcess;
  /** `null` for one that opens none. */
  port: number | null;
  /** When its process started. */
  since: number;
  healthcheck: string | null;
  tuning: Tuning;
  signal: AbortSignal;
  /** What it said last, for the failure. */
  lines: () => string[];
}

/** Waits until an instance is healthy, for as long as it may take. */
export function awaitHealthy(init: Awaited): Promise<Gate> {
  const { port } = init;
  return port === null ? awaitSettled(init) : awaitAnswer({ ...init, port });
}

/** Until its port answers as it should. */
async function awaitAnswer(init: Awaited & { port: number }): Promise<Gate> {
  const { process, port, healthcheck, tuning, signal } = init;
  const deadline = Date.now() + tuning.healthLimitMs;
  let why: string | undefined;
  while (!signal.aborted) {
    const found = await probe(port, healthcheck);
    if (signal.aborted) break;
    why = found.why;
    if (found.healthy && (await isOwn(process, port))) return { kind: 'healthy', host: found.host };
    if (Date.now() >= deadline) {
      const openPorts = (await process.openPorts()) ?? [];
      if (signal.aborted) break;
      return {
        kind: 'failed',
        error: notHealthy({ ...init, limitMs: tuning.healthLimitMs, why, openPorts, lines: init.lines() }),
      };
    }
    await delay(tuning.probeMs, undefined, { signal }).catch(() => {});
  }
  return { kind: 'ended' };
}

/** Until one that opens no port has run long enough to count as healthy. */
async function awaitSettled({ since, tuning: { settleMs }, signal }: Awaited): Promise<Gate> {
  const left = Math.min(settleMs, since + settleMs - Date.now());
  if (left > 0) await delay(left, undefined, { signal }).catch(() => {});
  return signal.aborted ? { kind: 'ended' } : { kind: 'healthy', host: undefined };
}

/** Looks at an instance that serves, now and then, and tells when it stops or begins again to be healthy. */
export function watchHealth(init: {
  port: number;
  healthcheck: string | null;
  tuning: Tuning;
  signal: AbortSignal;
  /** Gets what is wrong, or `undefined` when it is healthy again. */
  onChange: (failure: Omit<InstanceFailure, 'since' | 'retryAt'> | undefined) => void;
}): void {
  const { port, healthcheck, tuning, signal, onChange } = init;
  void (async () => {
    let failed = 0;
    for (;;) {
      await delay(tuning.checkMs, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      const { healthy, why } = await probe(port, healthcheck);
      if (signal.aborted) return;
      if (healthy && failed >= FAILED_LOOKS) onChange(undefined);
      failed = healthy ? 0 : failed + 1;
      if (failed !== FAILED_LOOKS) continue;
      if (why === undefined) onChange({ code: 'RIG_PORT_NOT_OPENED', reason: `takes no connections on port ${port}` });
      else onChange({ code: 'RIG_HEALTHCHECK_FAILED', reason: `is not healthy: ${why}` });
    }
  })();
}

/** Whether the port was opened by the instance itself, where the system tells: a stranger's would get the app's requests. */
async function isOwn(process: EngineProcess, port: number): Promise<boolean> {
  const ports = await process.openPorts();
  return ports === undefined || ports.includes(port);
}
