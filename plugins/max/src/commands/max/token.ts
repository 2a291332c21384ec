import { readFileSync } from 'node:fs';
import { ExitCode, RigCommand, RigError, type Services, value } from '@rig/plugin-api';
import { stateDirOf } from '../../location.ts';
import { statePaths } from '../../store/state-paths.ts';
import { stateDirOption } from './options.ts';

/** What `rig max token` gives. */
export interface MaxToken {
  token: string;
}

/** `rig max token`. */
export class MaxTokenCommand extends RigCommand<MaxToken> {
  static override paths = [['max', 'token']];
  static override usage = RigCommand.Usage({
    category: 'Max',
    description: "Print the owner's API token of the embedded Max",
    details: 'It may do everything: hand it on through a pipe, not on a command line.',
    examples: [['Sign in', '$0 max token | $0 login --token-stdin']],
  });
  static override result = value<MaxToken>(
    ({ token }) => [token],
    ({ token }) => token,
  );

  stateDir = stateDirOption();

  run(services: Services): MaxToken {
    const dir = stateDirOf(services.runtime, this.stateDir);
    const file = statePaths(dir).token;
    let token: string;
    try {
      token = readFileSync(file, 'utf8').trim();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT')
        throw new RigError({
          code: 'RIG_MAX_NOT_SET_UP',
          message: `there is no token in ${dir}: no Max has run there`,
          hint: 'start one with: rig max up',
          exitCode: ExitCode.NotFound,
        });
      throw new RigError({
        code: 'RIG_STATE_DIR',
        message: `the owner's token cannot be read: ${message}`,
        hint: 'only the user who started Max may read it',
        exitCode: ExitCode.Denied,
      });
    }
    return { token };
  }
}
