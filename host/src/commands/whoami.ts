import { RigCommand, type Services, value } from '@rig/plugin-api';
import type { WhoAmI as Answer } from '@rig/plugin-api/max';

/** What `rig whoami` gives back. */
export interface WhoAmIResult {
  user: string;
  userId: string;
  server: string;
  /** `null` where the server comes from `RIG_SERVER` alone. */
  context: string | null;
  /** Where the sign-in comes from. */
  source: 'environment' | 'keychain' | 'file';
  scopes: string[];
  /** ISO 8601: until when the sign-in holds unless it is used; `null` where it does not end. */
  expiresAt: string | null;
}

const SOURCES = { environment: 'RIG_TOKEN', keychain: 'keychain', file: 'file' } as const;

/** `rig whoami`: asks Max who is signed in. */
export class WhoAmI extends RigCommand<WhoAmIResult> {
  static override paths = [['whoami']];
  static override usage = RigCommand.Usage({
    description: 'Show who is signed in, where and until when',
    details: 'Asks Max, so it also tells whether the sign-in still holds: the exit code is 4 where it does not.',
  });
  static override result = value<WhoAmIResult>(
    (me) => [
      {
        fields: [
          ['User', me.user],
          ['Server', me.server],
          ['Context', me.context],
          ['Source', SOURCES[me.source]],
          ['Scopes', me.scopes.join(' ')],
          ['Until', me.expiresAt ?? 'it does not end'],
        ],
      },
    ],
    (me) => me.user,
  );

  async run(services: Services): Promise<WhoAmIResult> {
    const { server, context } = (await services.config()).target();
    const answer = await (await services.http()).get<Answer>('/v1/whoami');
    // After the request: a renewal has moved the end of the sign-in.
    const identity = await (await services.auth()).identity();
    const source = identity?.source ?? 'environment';
    return {
      user: answer.user.name,
      userId: answer.user.id,
      server,
      context: context ?? null,
      source,
      scopes: answer.scopes,
      expiresAt: (source === 'environment' ? answer.token.expiresAt : identity?.expiresAt) ?? null,
    };
  }
}
