import { KEY_PREFIX, type ServerMessage, SUBPROTOCOL, type TabMessage } from '../protocol.ts';

/** How the tab fares: `ended` is final until the page is opened anew, `refused` needs another link. */
export type LinkState =
  | { state: 'connecting' | 'open' }
  | { state: 'lost'; since: number }
  | { state: 'ended'; why: string | null }
  | { state: 'refused'; why: RefusedWhy };

/** Why the page may not look. */
export type RefusedWhy = 'none' | 'used' | 'unknown' | 'user' | 'origin';

const KEY = 'rig-dashboard-key';
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4000;
/** Milliseconds without a frame after which the connection is taken for dead: there is a beat every few seconds. */
const SILENCE_MS = 10_000;

const tokenOfAddress = (): string | null => new URLSearchParams(location.hash.slice(1)).get('token');

/** Whether the address is that of a link. */
export const hasToken = (): boolean => tokenOfAddress() !== null;

/** Exchanges the token of the link for a session, and takes it out of the address and the history. */
export async function enter(): Promise<RefusedWhy | undefined> {
  const token = tokenOfAddress();
  if (token === null) return localStorage.getItem(KEY) === null ? 'none' : undefined;
  history.replaceState(null, '', location.pathname);
  const answer = await fetch('session', { method: 'POST', body: token });
  const { key, why } = (await answer.json()) as { key?: string; why?: RefusedWhy };
  if (key === undefined) {
    // A page that was opened by the link before goes on, for instance after a reload from the history.
    if (why === 'used' && (await holds())) return undefined;
    return why ?? 'unknown';
  }
  localStorage.setItem(KEY, key);
  return undefined;
}

async function holds(): Promise<boolean> {
  const key = localStorage.getItem(KEY);
  if (key === null) return false;
  return (await fetch('session', { headers: { 'rig-dashboard-key': key } })).ok;
}

/** The live connection to rig: comes back by itself for as long as it takes. */
export class Link {
  readonly #onMessage: (message: ServerMessage) => void;
  readonly #onState: (state: LinkState) => void;
  #socket: WebSocket | undefined;
  #pause = FIRST_PAUSE_MS;
  #lostSince: number | undefined;
  #ended: { why: string | null } | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(onMessage: (message: ServerMessage) => void, onState: (state: LinkState) => void) {
    this.#onMessage = onMessage;
    this.#onState = onState;
    addEventListener('online', () => this.#now());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#now();
    });
  }

  /** Connects. */
  open(): void {
    const key = localStorage.getItem(KEY) ?? '';
    const url = `ws://${location.host}/live`;
    const socket = new WebSocket(url, [SUBPROTOCOL, `${KEY_PREFIX}${key}`]);
    this.#socket = socket;
    socket.onopen = () => {
      this.#pause = FIRST_PAUSE_MS;
      this.#lostSince = undefined;
      this.#onState({ state: 'open' });
      this.#listen();
    };
    socket.onmessage = ({ data }) => {
      this.#listen();
      const message = JSON.parse(String(data)) as ServerMessage;
      if (message.type === 'bye') this.#ended = message;
      else if (message.type !== 'beat') this.#onMessage(message);
    };
    socket.onclose = () => {
      clearTimeout(this.#silence);
      void this.#lose();
    };
  }

  /** Sends something to rig, where there is a connection. */
  send(message: TabMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#socket?.close(), SILENCE_MS);
  }

  async #lose(): Promise<void> {
    this.#lostSince ??= Date.now();
    if (this.#ended) return this.#onState({ state: 'ended', why: this.#ended.why });
    this.#onState({ state: 'lost', since: this.#lostSince });
    // A browser does not say why a socket was refused: only a request can tell.
    const answers = await holds().catch(() => undefined);
    if (answers === false) return this.#onState({ state: 'refused', why: 'none' });
    this.#retry = setTimeout(() => this.#now(), this.#pause);
    this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * 2);
  }

  #now(): void {
    if (this.#retry === undefined) return;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.open();
  }
}
