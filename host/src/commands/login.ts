import type { Readable } from 'node:stream';
import { type Config, ExitCode, isRigError, Option, RigCommand, RigError, type Services, value } from '@rig/plugin-api';
import type { HostAuth } from '../auth/auth.ts';
import type { HostConfig } from '../config/index.ts';
import { isLoopback, loginCommand, normaliseServer, requireSecure } from '../http/server-url.ts';
import { contextFor } from './context-name.ts';
import { readToken } from './read-token.ts';

/** What `rig login` gives back. */
export interface LoginResult {
  server: string;
  /** The context that now has this server and user. */
  context: string;
  user: string;
  scopes: string[];
  /** Where the sign-in is stored. */
  source: 'keychain' | 'file';
  /** ISO 8601: until when the sign-in holds unless it is used; `null` where it does not end. */
  expiresAt: string | null;
}

/** `rig login`: exchanges an API token for a sign-in, stores it, and writes the context. */
export class Login extends RigCommand<LoginResult> {
  static override paths = [['login']];
  static override usage = RigCommand.Usage({
    description: 'Sign in to a Max with an API token',
    details: `
      Reads an API token from standard input and exchanges it for a sign-in that renews itself. The token itself is not
      stored. The sign-in goes into the keychain of the system, or into a file that your user alone can read.
      The context of the server is written, and is the current one where there was none.
    `,
    examples: [
      ['Sign in to the Max on this machine', 'rig max token | rig login --server http://127.0.0.1:7420 --token-stdin'],
      ['Sign in with a token from a file', '$0 login --server https://max.example.com --token-stdin < token.txt'],
    ],
  });
  static override result = value<LoginResult>(
    (login) => [
      `Signed in to ${login.server} as ${login.user}.`,
      {
        fields: [
          ['Context', login.context],
          ['Scopes', login.scopes.join(' ')],
          ['Stored in', login.source],
          ['Until', login.expiresAt],
        ],
      },
    ],
    (login) => login.user,
  );

  server = Option.String('--server', { description: "The URL of Max; the chosen context's unless given" });
  tokenStdin = Option.Boolean('--token-stdin', false, { description: 'Read an API token from standard input' });

  async run(services: Services): Promise<LoginResult> {
    const config = (await services.config()) as HostConfig;
    const { server, origin } = chooseServer(config, this.server);
    requireSecure(server);
    if (!this.tokenStdin) throw needsTokenStdin(server);
    const token = await readToken(services.stdin() as Readable & { isTTY?: boolean }, server, services.signal);
    const context = contextFor(config, server);
    services.output.note(`Signing in at ${server} (context ${context}), by ${origin}`);
    const auth = (await services.auth()) as HostAuth;
    const { identity, whoami } = await auth.login(server, token);
    const current = config.get('context');
    // In one step: a context that has a server and no user would be half a sign-in.
    await config.setMany({
      [`contexts.${context}.server`]: server,
      [`contexts.${context}.subject`]: identity.subject,
      ...(current === undefined ? { context } : {}),
    });
    const named = config.origin('context')?.layer === 'flag';
    if (named || (current !== undefined && current !== context)) {
      services.output.note(`To make ${context} the current context: rig config set context ${context}`);
    }
    if (services.runtime.env.RIG_TOKEN) {
      services.output.warn('RIG_TOKEN_WINS', 'RIG_TOKEN is set and beats this sign-in until you unset it');
    }
    return {
      server,
      context,
      user: whoami.user.name,
      scopes: whoami.scopes,
      source: identity.source === 'keychain' ? 'keychain' : 'file',
      expiresAt: identity.expiresAt ?? null,
    };
  }
}

function chooseServer(config: Config, option: string | undefined): { server: string; origin: string } {
  if (option !== undefined) return { server: normaliseServer(option), origin: '--server' };
  try {
    const target = config.target();
    return {
      server: normaliseServer(target.server),
      origin: target.context === undefined ? 'RIG_SERVER' : 'its context',
    };
  } catch (error) {
    if (!isRigError(error) || error.code !== 'RIG_NO_CONTEXT') throw error;
    throw new RigError({
      code: 'RIG_NO_SERVER',
      message: `no server to sign in to: there is no --server, and ${error.message}`,
      hint: 'name one: rig login --server https://max.example.com --token-stdin; or start a Max here: rig max up',
      exitCode: ExitCode.Usage,
    });
  }
}

function needsTokenStdin(server: string): RigError {
  return new RigError({
    code: 'RIG_NO_TOKEN',
    message: 'rig login needs an API token on standard input, and --token-stdin is not there',
    hint: isLoopback(server)
      ? `sign in with: ${loginCommand(server)}`
      : `pass it by a file or a pipe: ${loginCommand(server)}`,
    exitCode: ExitCode.Usage,
  });
}
