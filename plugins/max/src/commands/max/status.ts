import { ExitCode, type Outcome, RigCommand, type Services, value, withExitCode } from '@rig/plugin-api';
import { answers, runningOn } from '../../daemon.ts';
import { stateDirOf } from '../../location.ts';
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
}

const SENTENCES = {
  running: 'Max is running',
  silent: 'Max does not answer, though its process is there; see: rig max logs',
  stopped: 'Max does not run; start it with: rig max up',
};

function fieldsOf(max: MaxStatus): Array<[string, string | number]> {
  const all: Array<[string, string | number | null]> = [
    ['URL', max.url],
    ['Process', max.pid],
    ['Since', max.startedAt],
    ['Version', max.version],
    ['State', max.stateDir],
    ['Log', max.log],
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
      } as const;
      return withExitCode(stopped, ExitCode.Failed);
    }
    const { url, pid, startedAt, version } = run;
    const facts = { url, pid, startedAt, version, stateDir, log };
    if (await answers(url)) return { state: 'running', ...facts };
    return withExitCode({ state: 'silent', ...facts } as const, ExitCode.Failed);
  }
}
