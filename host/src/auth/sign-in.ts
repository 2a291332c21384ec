import type { Identity } from '@rig/plugin-api';
import type { TokenAnswer, WhoAmI } from '@rig/plugin-api/max';
import type { Transport } from '../http/transport.ts';
import { checkToken } from './api-token.ts';
import type { AuthHost } from './host.ts';
import type { Credential } from './record.ts';
import { tokenRefused } from './sign-in-errors.ts';
import type { CredentialStore, FoundCredential } from './store.ts';
import { GrantRefused, type TokenEndpoint, tokenEndpoint } from './token-endpoint.ts';

/** What a sign-in gave. */
export interface SignedIn {
  identity: Identity;
  whoami: WhoAmI;
}

/** One sign-in that was ended. */
export interface SignedOut {
  server: string;
  subject: string;
  /** Whether the server was told; otherwise its tokens hold until they expire. */
  revoked: boolean;
  /** Why it was not told. */
  reason: string | undefined;
}

const after = (seconds: number | undefined): string | null =>
  typeof seconds === 'number' && Number.isFinite(seconds) ? new Date(Date.now() + seconds * 1000).toISOString() : null;

/** The records of a token answer: what renews first, it is the more precious one. */
export function credentialsOf(answer: TokenAnswer, server: string, subject: string): Credential[] {
  return [
    { kind: 'refresh', secret: answer.refresh_token, server, subject, expiresAt: after(answer.refresh_expires_in) },
    { kind: 'access', secret: answer.access_token, server, subject, expiresAt: after(answer.expires_in) },
  ];
}

/** Exchanges an API token for a sign-in and stores it; an earlier one of the same user is ended. */
export async function signIn(
  host: AuthHost,
  store: CredentialStore,
  transport: Transport,
  server: string,
  apiToken: string,
): Promise<SignedIn> {
  checkToken(apiToken, 'standard input');
  const endpoint = tokenEndpoint(transport, server, host.signal);
  // Found out before the exchange: a store that is broken must not leave a sign-in behind that nobody holds.
  await store.list();
  let answer: TokenAnswer;
  try {
    answer = await endpoint.exchange(apiToken);
  } catch (error) {
    if (error instanceof GrantRefused) throw tokenRefused(server, error.description);
    throw error;
  }
  try {
    return await keep(store, endpoint, server, answer);
  } catch (error) {
    // What could not be kept must not stay open at the server, where nobody could ever end it.
    await endpoint.revoke(answer.refresh_token).catch(() => {});
    throw error;
  }
}

async function keep(
  store: CredentialStore,
  endpoint: TokenEndpoint,
  server: string,
  answer: TokenAnswer,
): Promise<SignedIn> {
  const whoami = await endpoint.whoami(answer.access_token);
  const subject = whoami.user.name;
  const credentials = credentialsOf(answer, server, subject);
  return store.locked(server, async () => {
    const earlier = await store.find('refresh', server, subject);
    const earlierSecret = earlier && (await store.reveal(earlier).catch(() => undefined));
    const source = await store.save(credentials);
    if (earlierSecret !== undefined) await endpoint.revoke(earlierSecret).catch(() => {});
    const expiresAt = credentials[0]?.expiresAt ?? undefined;
    return { identity: { server, subject, source, expiresAt }, whoami };
  });
}

async function revokeAll(
  host: AuthHost,
  store: CredentialStore,
  transport: () => Promise<Transport>,
  server: string,
  found: readonly FoundCredential[],
): Promise<string | undefined> {
  try {
    const endpoint = tokenEndpoint(await transport(), server, host.signal);
    // Ending what renews ends what was made from it.
    const ending = found.some(({ kind }) => kind === 'refresh')
      ? found.filter(({ kind }) => kind === 'refresh')
      : found;
    for (const head of ending) {
      // An API token was made elsewhere and may be in use there: it is forgotten, not ended.
      if (head.kind === 'api') continue;
      const secret = await store.reveal(head);
      if (secret !== undefined) await endpoint.revoke(secret);
    }
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Ends sign-ins and forgets them; one whose server cannot be told is forgotten all the same. */
export async function signOut(
  host: AuthHost,
  store: CredentialStore,
  transport: () => Promise<Transport>,
  which: (found: FoundCredential) => boolean,
): Promise<SignedOut[]> {
  const chosen = (await store.list()).filter(which);
  const ended: SignedOut[] = [];
  for (const server of new Set(chosen.map((found) => found.server))) {
    await store.locked(server, async () => {
      const here = (await store.list()).filter((found) => found.server === server && which(found));
      for (const subject of new Set(here.map((found) => found.subject))) {
        const theirs = here.filter((found) => found.subject === subject);
        const reason = await revokeAll(host, store, transport, server, theirs);
        await store.remove(theirs);
        ended.push({ server, subject, revoked: reason === undefined, reason });
      }
    });
  }
  return ended;
}
