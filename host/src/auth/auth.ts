import { type Auth, type Identity, isRigError, type Target } from '@rig/plugin-api';
import { normaliseServer, requireSecure } from '../http/server-url.ts';
import type { Transport } from '../http/transport.ts';
import { checkToken } from './api-token.ts';
import type { AuthHost } from './host.ts';
import { holds } from './record.ts';
import { credentialsOf, type SignedIn, type SignedOut, signIn, signOut } from './sign-in.ts';
import { environmentRefused, notSignedIn } from './sign-in-errors.ts';
import { type CredentialStore, type FoundCredential, openStore } from './store.ts';
import { GrantRefused, tokenEndpoint } from './token-endpoint.ts';

/** What the sign-in service is made of. */
export interface AuthOptions extends AuthHost {
  /** The chosen server, asked at each call. */
  target: () => Target;
  /** The user's name of the chosen context, `contexts.NAME.subject`; without it the newest sign-in at the server counts. */
  subject?: (() => string | undefined) | undefined;
  /** How the server is asked; only called when it has to be. */
  transport: () => Promise<Transport>;
  /** The store; the user's own unless given. */
  store?: CredentialStore | undefined;
}

/** Sign-in as rig's own commands use it. */
export interface HostAuth extends Auth {
  /** Gives another token than the one that was refused. @throws RigError `RIG_NOT_SIGNED_IN` (4) where there is none */
  renew(rejected: string): Promise<string>;
  /** Exchanges an API token and stores the sign-in. @throws RigError `RIG_TOKEN_REFUSED` (4), `RIG_INSECURE_SERVER` (2) */
  login(server: string, apiToken: string): Promise<SignedIn>;
  /** Ends the sign-in of the target, or all there are. */
  logout(options: { all: boolean }): Promise<SignedOut[]>;
}

// An access token that ends on its way is a request lost.
const RENEW_BEFORE_MS = 30_000;

/** Makes the sign-in service: tokens from `RIG_TOKEN` or the store, renewed by one rig at a time. */
export function createAuth(options: AuthOptions): HostAuth {
  const store = options.store ?? openStore(options);
  let kept: { server: string; found: FoundCredential; secret: string } | undefined;
  let underWay: { server: string; rejected: string | undefined; work: Promise<string> } | undefined;

  const environmentToken = (): string | undefined => {
    const token = options.io.env.RIG_TOKEN;
    return token === undefined || token === '' ? undefined : checkToken(token, 'RIG_TOKEN');
  };
  const chosenServer = (): string => normaliseServer(options.target().server);

  /** A stored access token that still holds and is not the rejected one. */
  async function usable(
    server: string,
    subject: string | undefined,
    rejected: string | undefined,
  ): Promise<string | undefined> {
    const found = await store.find('access', server, subject);
    if (!found || !holds(found, RENEW_BEFORE_MS)) return undefined;
    const secret = await store.reveal(found);
    if (secret === undefined || secret === rejected) return undefined;
    kept = { server, found, secret };
    return secret;
  }

  /** Uses up the stored refresh token; only under the server's lock, or two rigs would revoke each other. */
  async function renewStored(server: string, refresh: FoundCredential): Promise<string> {
    const secret = await store.reveal(refresh);
    if (secret === undefined) throw notSignedIn(server, `the keychain no longer has the sign-in of ${refresh.subject}`);
    const endpoint = tokenEndpoint(await options.transport(), server, options.signal);
    let answer: Awaited<ReturnType<typeof endpoint.refresh>>;
    try {
      answer = await endpoint.refresh(secret);
    } catch (error) {
      if (!(error instanceof GrantRefused)) throw error;
      if (error.error === 'invalid_grant') {
        const dead = (await store.list()).filter(
          (each) => each.server === server && each.subject === refresh.subject && each.kind !== 'api',
        );
        await store.remove(dead);
      }
      throw notSignedIn(
        server,
        `the sign-in of ${refresh.subject} has ended${error.description === '' ? '' : ` (${error.description})`}`,
      );
    }
    const credentials = credentialsOf(answer, server, refresh.subject);
    const access = credentials[1]!;
    let { place } = refresh;
    try {
      place = await store.save(credentials, place);
    } catch (error) {
      if (!isRigError(error)) throw error;
      // This command can still do its work; the next one cannot, and must hear why.
      options.output.warn(
        error.code,
        `${error.message}: the renewed sign-in is lost after this command, sign in again with: rig login`,
      );
    }
    kept = { server, found: { ...access, place }, secret: access.secret };
    return access.secret;
  }

  async function obtain(server: string, rejected: string | undefined): Promise<string> {
    requireSecure(server);
    const subject = options.subject?.();
    const stored = await usable(server, subject, rejected);
    if (stored !== undefined) return stored;
    if (!(await store.find('refresh', server, subject))) {
      const api = await store.find('api', server, subject);
      const secret = api && (await store.reveal(api));
      if (secret !== undefined && secret !== rejected) return secret;
      throw notSignedIn(server);
    }
    return store.locked(server, async () => {
      // Another rig may have renewed it, or signed out, while this one waited.
      const renewed = await usable(server, subject, rejected);
      if (renewed !== undefined) return renewed;
      const refresh = await store.find('refresh', server, subject);
      if (!refresh) throw notSignedIn(server);
      return renewStored(server, refresh);
    });
  }

  /** Lets callers of this process share one renewal. */
  function shared(server: string, rejected: string | undefined): Promise<string> {
    if (underWay?.server === server && underWay.rejected === rejected) return underWay.work;
    const work = obtain(server, rejected).finally(() => {
      if (underWay?.work === work) underWay = undefined;
    });
    underWay = { server, rejected, work };
    return work;
  }

  return {
    async token() {
      const server = chosenServer();
      const given = environmentToken();
      if (given !== undefined) {
        requireSecure(server);
        return given;
      }
      if (kept?.server === server && holds(kept.found, RENEW_BEFORE_MS)) return kept.secret;
      return shared(server, undefined);
    },
    async renew(rejected) {
      if (environmentToken() !== undefined) throw environmentRefused(chosenServer());
      kept = undefined;
      return shared(chosenServer(), rejected);
    },
    async identity(): Promise<Identity | undefined> {
      const server = chosenServer();
      // Who holds a token of the environment only its server knows.
      if (environmentToken() !== undefined)
        return { server, subject: 'RIG_TOKEN', source: 'environment', expiresAt: undefined };
      const subject = options.subject?.();
      const found = (await store.find('refresh', server, subject)) ?? (await store.find('api', server, subject));
      return found && { server, subject: found.subject, source: found.place, expiresAt: found.expiresAt ?? undefined };
    },
    async login(server, apiToken) {
      kept = undefined;
      return signIn(options, store, await options.transport(), normaliseServer(server), apiToken);
    },
    async logout({ all }) {
      kept = undefined;
      const server = all ? undefined : chosenServer();
      const subject = all ? undefined : options.subject?.();
      return signOut(
        options,
        store,
        options.transport,
        (found) => all || (found.server === server && (subject === undefined || found.subject === subject)),
      );
    },
  };
}
