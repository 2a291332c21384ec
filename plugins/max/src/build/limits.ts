import { processesOf } from '../engine/process-table.ts';
import type { DiskRoom } from '../store/disk-room.ts';
import type { BuildLog } from './build-log.ts';
import { DeploymentError, storageFull } from './failure.ts';

/** What a build may use. */
export interface BuildLimits {
  /** Milliseconds. */
  ms: number;
  /** Bytes that its programs print. */
  outputBytes: number;
  /** Processes at once. */
  processes: number;
}

/** What holds unless something else is said. */
export const BUILD_LIMITS: BuildLimits = { ms: 20 * 60_000, outputBytes: 32 * 1024 * 1024, processes: 1_000 };

const LOOK_EACH_MS = 1_000;

/** A build, and the disk that it fills. */
interface Watched {
  buildId: string;
  log: BuildLog;
  logCommand: string;
  room: DiskRoom | undefined;
}

/** Watches over a build: its `signal` is aborted, with the reason, when a limit is passed. Call `stop` at its end. */
export function watchLimits(
  { buildId, log, logCommand, room }: Watched,
  limits: BuildLimits,
): { signal: AbortSignal; stop: () => void } {
  const control = new AbortController();
  const end = (reason: string, fix: string): void =>
    control.abort(new DeploymentError({ code: 'RIG_BUILD_FAILED', reason, fix, lines: log.tail() }));
  const timer = setTimeout(
    () =>
      end(
        `the build took longer than ${Math.round(limits.ms / 1000)} seconds and was ended`,
        `see where it hangs with: ${logCommand}`,
      ),
    limits.ms,
  );
  const looking = setInterval(() => {
    const lack = room?.lack();
    if (lack !== undefined) control.abort(storageFull(`the build was ended: ${lack}`, log.tail()));
    if (processesOf(buildId).length > limits.processes)
      end(
        `the build ran more than ${limits.processes} processes at once and was ended`,
        `see what starts them with: ${logCommand}`,
      );
  }, LOOK_EACH_MS);
  log.limitOutput(limits.outputBytes, () =>
    end(
      `the build printed more than ${limits.outputBytes} bytes and was ended`,
      `have it say less; what it printed: ${logCommand}`,
    ),
  );
  return {
    signal: control.signal,
    stop: () => {
      clearTimeout(timer);
      clearInterval(looking);
    },
  };
}
