import { ExitCode, RigError } from '@rig/plugin-api';

/**
 * Checks the form of a token that a person gave: one line of visible ASCII, or it could not be a header's value.
 *
 * @param from names where it came from: `standard input`, `RIG_TOKEN`
 * @throws RigError `RIG_EMPTY_TOKEN`, `RIG_BAD_TOKEN` (2): never with the token
 */
export function checkToken(token: string, from: string): string {
  if (token === '') {
    throw new RigError({
      code: 'RIG_EMPTY_TOKEN',
      message: `there is no token on ${from}: it is empty`,
      hint: 'give an API token, for the Max on this machine: rig max token | rig login --token-stdin',
      exitCode: ExitCode.Usage,
    });
  }
  if (/^[\x21-\x7e]{1,8192}$/.test(token)) return token;
  const why =
    token.length > 8192
      ? 'it is too long'
      : /[\r\n]/.test(token)
        ? 'it has more than one line'
        : 'it has characters that no token has';
  throw new RigError({
    code: 'RIG_BAD_TOKEN',
    message: `what ${from} holds is not a token: ${why}`,
    hint: 'give the API token alone, on one line',
    exitCode: ExitCode.Usage,
  });
}
