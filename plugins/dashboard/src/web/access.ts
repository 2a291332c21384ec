import { randomBytes, timingSafeEqual } from 'node:crypto';

/** Browsers that may be signed in at a time: beyond, the oldest is signed out. */
const MOST_SESSIONS = 32;

/** What a browser is given for a link: `secret` as a cookie that scripts cannot read, `key` for the page itself. */
export interface Session {
  readonly secret: string;
  readonly key: string;
}

const make = (): string => randomBytes(32).toString('base64url');

function same(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Who may look: a link's token is good for one browser, once, and the next one is made when it is used.
 *
 * A cookie alone would not do: browsers send it to every port of this machine, so that another local server could learn
 * it. The page's key stays with the origin, port included; a session needs both.
 */
export class Access {
  #token = make();
  #used = new Set<string>();
  #sessions: Session[] = [];
  readonly #onUsed: () => void;

  /** @param onUsed called when a link was used, and there is a new one */
  constructor(onUsed: () => void) {
    this.#onUsed = onUsed;
  }

  /** The token of the link that has not been used yet. */
  get token(): string {
    return this.#token;
  }

  /** Exchanges a token for a session; `used` for one that was good once, `unknown` for any other. */
  enter(token: string): Session | 'used' | 'unknown' {
    if (this.#used.has(token)) return 'used';
    if (!same(token, this.#token)) return 'unknown';
    this.#used.add(token);
    this.#token = make();
    const session = { secret: make(), key: make() };
    this.#sessions = [...this.#sessions, session].slice(-MOST_SESSIONS);
    this.#onUsed();
    return session;
  }

  /** Whether both halves belong to one session. */
  holds(secret: string | undefined, key: string | undefined): boolean {
    return this.#sessions.some((session) => same(secret, session.secret) && same(key, session.key));
  }
}
