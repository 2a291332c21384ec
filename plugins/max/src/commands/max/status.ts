import { ExitCode, formatBytes, type Outcome, RigCommand, type Services, value, withExitCode } from '@rig/plugin-api';
import { answers, runningOn } from '../../daemon.ts';
import { stateDirOf } from '../../location.ts';
import { DiskRoom } from '../../store/disk-room.ts';
import { statePaths } from '../../store/state-paths.ts';
import { stateDirOption } from './options.ts';

/** What `rig max status` gives. */
export interface MaxStatus {
  /** `silent`: its process is there and does not answer. */
  state: 'running' | 'silent' | 'stopped';
  url: string | null;
  pid: number | null;
  startedAt: string | null;
  version: string | null;
  stateDir: string;
  log: string;
  /** The disk that holds the state; `null` where the system does not tell. */
  disk: MaxDisk | null;
}

/** How much room is left for Max. */
export interface MaxDisk {
  freeBytes: number;
  totalBytes: number;
  /** Below that nothing new is taken in: the rest is for what must go on. */
  reserveBytes: number;
  low: boolean;
}

const SENTENCES = {
  running: 'Max is running',
  silent: 'Max does not answer, though its process is there; see: rig max logs',
  stopped: 'Max does not run; start it with: rig max up',
};

/** Room is worth a line only where it is short. */
function lowDisk(disk: MaxDisk | null): string | null {
  if (!disk?.low) return null;
  const { freeBytes, totalBytes, reserveBytes } = disk;
  const free = `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} are free`;
  return `${free}: below ${formatBytes(reserveBytes)} Max takes nothing new; make room there`;
}

function diskOf(stateDir: string): MaxDisk | null {
  const space = new DiskRoom(stateDir).look();
  if (space === undefined) return null;
  const { freeBytes, totalBytes, reserveBytes, files } = space;
  return { freeBytes, totalBytes, reserveBytes, low: !files || freeBytes < reserveBytes };
}

function fieldsOf(max: MaxStatus): Array<[string, string | number]> {
  const all: Array<[string, string | number | null]> = [
    ['URL', max.url],
    ['Process', max.pid],
    ['Since', max.startedAt],
    ['Version', max.version],
    ['State', max.stateDir],
    ['Log', max.log],
    ['Disk', lowDisk(max.disk)],
  ];
  return all.filter((field): field is [string, string | number] => field[1] !== null);
}

/** `rig max status`. */
export class MaxStatusCommand extends RigCommand<MaxStatus> {
  static override paths = [['max', 'status']];
  static override usage = RigCommand.Usage({
    category: 'Max',
    description: 'Tell whether the embedded Max runs, and where',
    details: 'The exit code is 0 where it runs and answers, else 1.',
    examples: [['Is it there?', '$0 max status']],
  });
  static override result = value<MaxStatus>(
    (max) => [SENTENCES[max.state], { fields: fieldsOf(max) }],
    (max) => max.state,
  );

  stateDir = stateDirOption();

  async run(services: Services): Promise<MaxStatus | Outcome<MaxStatus>> {
    const stateDir = stateDirOf(services.runtime, this.stateDir);
    const { log } = statePaths(stateDir);
    const disk = diskOf(stateDir);
    const run = runningOn(stateDir);
    if (run === undefined) {
      const stopped = {
        state: 'stopped',
        url: null,
        pid: null,
        startedAt: null,
        version: null,
        stateDir,
        log,
        disk,
      } as const;
      return withExitCode(stopped, ExitCode.Failed);
    }
    const { url, pid, startedAt, version } = run;
    const facts = { url, pid, startedAt, version, stateDir, log, disk };
    if (await answers(url)) return { state: 'running', ...facts };
    return withExitCode({ state: 'silent', ...facts } as const, ExitCode.Failed);
  }
}
