import { Option, RigCommand, type Services, value } from '@rig/plugin-api';
import { endApps, endMax } from '../../daemon.ts';
import { stateDirOf } from '../../location.ts';
import { stateDirOption } from './options.ts';

/** What `rig max down` gives. */
export interface MaxDown {
  /** Whether a Max ran. */
  stopped: boolean;
  /** How many instances of apps were ended; `null` where they were left alone. */
  instances: number | null;
  stateDir: string;
}

function say({ stopped, instances }: MaxDown): string {
  const max = stopped ? 'Max has stopped' : 'No Max ran';
  if (instances === null) return `${max}; its apps go on running, without a router, until rig max up finds them again`;
  if (instances === 0) return `${max}; no app was running`;
  return `${max}, and ${instances === 1 ? 'one instance of an app' : `${instances} instances of apps`}; rig max up starts them again`;
}

/** Milliseconds after which it is said what is waited for. */
const SAY_AFTER_MS = 2000;

/** Says what takes so long: an app may take its time to end. */
async function sayingSo<T>({ output }: Services, work: () => Promise<T>): Promise<T> {
  const say = (): void =>
    output.note('Waiting for apps to end; one that does not when it is asked to is killed after 10 s');
  const timer = setTimeout(say, SAY_AFTER_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

/** `rig max down`. */
export class MaxDownCommand extends RigCommand<MaxDown> {
  static override paths = [['max', 'down']];
  static override usage = RigCommand.Usage({
    category: 'Max',
    description: 'Stop the embedded Max and its apps',
    details:
      'Nothing is removed: rig max up brings Max and its apps back. With --keep-apps they go on running without it.',
    examples: [
      ['Stop everything', '$0 max down'],
      ['Stop Max alone', '$0 max down --keep-apps'],
    ],
  });
  static override result = value<MaxDown>((down) => [say(down)]);

  keepApps = Option.Boolean('--keep-apps', false, { description: 'Leave the apps running' });
  stateDir = stateDirOption();

  async run(services: Services): Promise<MaxDown> {
    const stateDir = stateDirOf(services.runtime, this.stateDir);
    services.output.note(`The Max in ${stateDir}`);
    const run = await endMax(stateDir, services.signal);
    const instances = this.keepApps ? null : await sayingSo(services, () => endApps(services, stateDir));
    return { stopped: run !== undefined, instances, stateDir };
  }
}
