import { isRigError, list, Option, RigCommand, type Services } from '@rig/plugin-api';
import type { HostAuth } from '../auth/auth.ts';

/** One sign-in that `rig logout` ended. */
export interface LogoutRow {
  server: string;
  user: string;
  /** Whether the server was told; otherwise its tokens hold until they expire. */
  revoked: boolean;
}

/** `rig logout`: ends the sign-in at the server and forgets it here. */
export class Logout extends RigCommand<LogoutRow[]> {
  static override paths = [['logout']];
  static override usage = RigCommand.Usage({
    description: 'End the sign-in and forget it',
    details: `
      Tells the server to end the sign-in, and removes it from the keychain or the file. Where the server cannot be reached the
      sign-in is forgotten all the same, and that is said: what was handed out holds there until it expires.
    `,
    examples: [['End every sign-in of this user', '$0 logout --all']],
  });
  static override result = list<LogoutRow>({
    columns: [
      { header: 'SERVER', value: (row) => row.server },
      { header: 'USER', value: (row) => row.user },
      { header: 'REVOKED', value: (row) => (row.revoked ? 'yes' : 'no') },
    ],
    name: (row) => row.server,
    empty: 'Nobody was signed in.',
  });

  all = Option.Boolean('--all', false, { description: 'End the sign-ins at all servers' });

  async run(services: Services): Promise<LogoutRow[]> {
    const config = await services.config();
    // Where no server is chosen nobody is signed in: no reason to have one started.
    const nowhere = !this.all && isNoServerChosen(config);
    if (this.all)
      services.output.note(`Ending every sign-in of this user, not only at ${currentServer(config) ?? 'one server'}`);
    else if (!nowhere) await services.output.target('the sign-in');
    const ended = nowhere ? [] : await ((await services.auth()) as HostAuth).logout({ all: this.all });
    for (const { server, revoked, reason } of ended) {
      if (revoked) continue;
      services.output.warn(
        'RIG_NOT_REVOKED',
        `the sign-in at ${server} is forgotten here, but the server was not told, so its tokens hold until they expire: ${reason}`,
      );
    }
    if (services.runtime.env.RIG_TOKEN) {
      services.output.warn('RIG_TOKEN_STAYS', 'RIG_TOKEN is set and still signs in: unset it as well');
    }
    return ended.map(({ server, subject, revoked }) => ({ server, user: subject, revoked }));
  }
}

function isNoServerChosen(config: Awaited<ReturnType<Services['config']>>): boolean {
  try {
    config.target();
    return false;
  } catch (error) {
    return isRigError(error) && error.code === 'RIG_NO_CONTEXT';
  }
}

function currentServer(config: Awaited<ReturnType<Services['config']>>): string | undefined {
  try {
    return config.target().server;
  } catch {
    return undefined;
  }
}
