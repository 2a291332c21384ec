import { notSignedIn } from '../auth/sign-in-errors.ts';

/** Where the tokens come from. */
export interface TokenSource {
  url: string;
  token(): Promise<string>;
  onUnauthorized?(rejected: string): Promise<string | undefined>;
}

/** The token of the next connection: what the sign-in gives, and once another where Max has refused that one. */
export class ConnectToken {
  readonly #source: TokenSource;
  #rejected: string | undefined;
  #askedAgain = false;

  constructor(source: TokenSource) {
    this.#source = source;
  }

  async next(): Promise<string> {
    const rejected = this.#rejected;
    this.#rejected = undefined;
    const { url, onUnauthorized } = this.#source;
    if (rejected === undefined || onUnauthorized === undefined) return this.#source.token();
    const renewed = await onUnauthorized(rejected);
    if (renewed === undefined) throw notSignedIn(url, 'Max does not accept this sign-in');
    return renewed;
  }

  /** Notes that Max refused a token; whether it makes sense to try with another. */
  refuse(token: string): boolean {
    if (this.#source.onUnauthorized === undefined || this.#askedAgain) return false;
    this.#askedAgain = true;
    this.#rejected = token;
    return true;
  }

  /** Max has accepted one: the next refusal is news. */
  accepted(): void {
    this.#askedAgain = false;
  }
}
