import { RigCommand, type Services, value } from '@rig/plugin-api';
import { up } from '../../daemon.ts';
import { rememberContext } from '../../local-context.ts';
import { portOf, rememberedPort, stateDirOf } from '../../location.ts';
import { sessionLimitsOf } from '../../sessions/limits-option.ts';
import { portOption, sessionIdleOption, sessionLimitOption, stateDirOption } from './options.ts';

/** What `rig max up` gives. */
export interface MaxUp {
  url: string;
  pid: number;
  stateDir: string;
  log: string;
  /** Whether it ran before. */
  already: boolean;
}

const urlOf = (port: number | undefined): string | undefined =>
  port === undefined ? undefined : `http://127.0.0.1:${port}`;

/** `rig max up`. */
export class MaxUpCommand extends RigCommand<MaxUp> {
  static override paths = [['max', 'up']];
  static override usage = RigCommand.Usage({
    category: 'Max',
    description: 'Start the embedded Max on this machine',
    details:
      'It goes on in the background, answers to this machine alone, and finds its apps again after a crash. Where it runs ' +
      'already this says so. The process engine is no sandbox: deploy code that you would run yourself.',
    examples: [
      ['Start Max', '$0 max up'],
      ['Sign in to it', '$0 max token | $0 login --token-stdin'],
      ['A second one beside it', '$0 max up --state-dir ~/other-max --port 0'],
    ],
  });
  static override result = value<MaxUp>(
    (max) => [
      max.already ? 'Max is running already' : 'Max is running',
      {
        fields: [
          ['URL', max.url],
          ['Process', max.pid],
          ['State', max.stateDir],
          ['Log', max.log],
        ],
      },
    ],
    (max) => max.url,
  );

  port = portOption();
  sessionIdle = sessionIdleOption();
  sessionLimit = sessionLimitOption();
  stateDir = stateDirOption();

  async run(services: Services): Promise<MaxUp> {
    const dir = stateDirOf(services.runtime, this.stateDir);
    const port = portOf(services.runtime.env, this.port, dir);
    const given = { idle: this.sessionIdle, limit: this.sessionLimit };
    const sessions = sessionLimitsOf(services.runtime.env, given);
    const earlier = rememberedPort(dir);
    services.output.note(`The Max in ${dir}`);
    const { run, already } = await up(services, { dir, port, sessions });
    if (already && port !== 0 && run.port !== port)
      services.output.warn(
        'RIG_MAX_RUNNING',
        `Max is running already, on port ${run.port}; to move it: rig max down, then up`,
      );
    if (already && (given.idle ?? given.limit) !== undefined)
      services.output.warn(
        'RIG_MAX_RUNNING',
        'Max is running already, with the limits of sessions that it was started with; to change them: rig max down, then up',
      );
    const usualDir = stateDirOf(services.runtime, undefined);
    const usual = dir === usualDir ? undefined : urlOf(rememberedPort(usualDir));
    const { leadsHere, told } = await rememberContext(await services.config(), run.url, urlOf(earlier), usual);
    if (told !== undefined) services.output.note(told);
    const self = this.stateDir === undefined ? '' : ` --state-dir ${dir}`;
    const there = leadsHere ? '' : ` --server ${run.url}`;
    services.output.note(`If you are not signed in yet: rig max token${self} | rig login${there} --token-stdin`);
    return { url: run.url, pid: run.pid, stateDir: dir, log: `${dir}/max.log`, already };
  }
}
