import { ExitCode, RigError } from '@rig/plugin-api';
import { loginCommand } from '../http/server-url.ts';

/** Makes the error of a command that needs a sign-in where there is none. */
export function notSignedIn(server: string, why = 'nobody is signed in here'): RigError {
  return new RigError({
    code: 'RIG_NOT_SIGNED_IN',
    message: `not signed in at ${server}: ${why}`,
    hint: `sign in with: ${loginCommand(server)}`,
    exitCode: ExitCode.Denied,
  });
}

/** Makes the error of an API token that a server does not accept. */
export function tokenRefused(server: string, description: string): RigError {
  return new RigError({
    code: 'RIG_TOKEN_REFUSED',
    message: `${server} does not accept this API token${description === '' ? '' : `: ${description}`}`,
    hint: `check that it is a token of this server and has not expired; then: ${loginCommand(server)}`,
    exitCode: ExitCode.Denied,
  });
}

/** Makes the error of a `RIG_TOKEN` that a server does not accept: signing in would not help, it beats every sign-in. */
export function environmentRefused(server: string): RigError {
  return new RigError({
    code: 'RIG_NOT_SIGNED_IN',
    message: `${server} does not accept the token of RIG_TOKEN: it is unknown there, expired or revoked`,
    hint: 'set RIG_TOKEN to a token that holds, or unset it and sign in: rig login',
    exitCode: ExitCode.Denied,
  });
}
