import { existsSync } from 'node:fs';
import { ExitCode, Option, RigCommand, RigError, type Services, value } from '@rig/plugin-api';
import { endMax, removeAll, runningOn } from '../../daemon.ts';
import { stateDirOf } from '../../location.ts';
import { isStateFolder } from '../../store/state-paths.ts';
import { stateDirOption } from './options.ts';

/** What `rig max reset` gives. */
export interface MaxReset {
  stateDir: string;
  /** Whether a Max was stopped for it. */
  stopped: boolean;
  /** How many instances of apps were ended. */
  instances: number;
}

/** What is typed to confirm. */
const WORD = 'max';

function refuse(dir: string): RigError {
  const there = existsSync(dir);
  return new RigError({
    code: there ? 'RIG_NOT_STATE_DIR' : 'RIG_MAX_NOT_SET_UP',
    message: there
      ? `${dir} is not the state folder of a Max; nothing was removed`
      : `there is no ${dir}: nothing to remove`,
    hint: there ? 'name the folder of a Max with --state-dir' : 'start a Max with: rig max up',
    exitCode: there ? ExitCode.Conflict : ExitCode.NotFound,
  });
}

/** `rig max reset`. */
export class MaxResetCommand extends RigCommand<MaxReset> {
  static override paths = [['max', 'reset']];
  static override usage = RigCommand.Usage({
    category: 'Max',
    description: 'Remove everything the embedded Max keeps',
    details:
      'Stops Max and its apps, then removes networks, apps, releases, logs and tokens for good. Asks first; --yes answers in scripts.',
    examples: [['Begin anew', '$0 max reset']],
  });
  static override result = value<MaxReset>((reset) => [`The state of Max in ${reset.stateDir} is removed`]);

  yes = Option.Boolean('--yes', false, { description: 'Do not ask' });
  stateDir = stateDirOption();

  async run(services: Services): Promise<MaxReset> {
    const stateDir = stateDirOf(services.runtime, this.stateDir);
    if (!isStateFolder(stateDir)) throw refuse(stateDir);
    const runs = runningOn(stateDir) !== undefined;
    const question = `Remove all networks, apps, releases and logs in ${stateDir}${runs ? ', and stop the Max that runs there' : ''}?`;
    if (!this.yes) await services.prompt.confirmByName(question, WORD);
    services.output.note(`Removing the state of Max in ${stateDir}`);
    const run = await endMax(stateDir, services.signal);
    const instances = await removeAll(services, stateDir);
    return { stateDir, stopped: run !== undefined, instances };
  }
}
