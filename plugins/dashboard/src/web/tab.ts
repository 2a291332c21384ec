import type { WebSocket } from 'ws';
import type { LiveDashboard } from '../model/live-dashboard.ts';
import { AppFeed } from './app-feed.ts';
import { type Board, write } from './board.ts';
import type { SharedApps } from './shared-apps.ts';
import { readTabMessage } from './tab-message.ts';

/** Bytes on their way to a tab beyond which it gets nothing more: later it gets what is there then, not all that was. */
const MOST_WAITING = 256 * 1024;
/** Milliseconds between two signs of life. */
const BEAT_MS = 3000;
/** Beats in a row that a tab may leave unanswered: one in the background answers late. */
const MOST_UNHEARD = 20;
/** Milliseconds after which a slow tab is looked at again. */
const RETRY_MS = 250;

/** What a tab is made of. */
export interface TabOptions {
  socket: WebSocket;
  model: LiveDashboard;
  board: Board;
  apps: SharedApps;
  version: string;
}

/** One browser tab: it gets the latest of everything, no faster than it takes it. */
export class Tab {
  readonly #options: TabOptions;
  readonly #socket: WebSocket;
  #rows = -1;
  /** What was sent last, by the type of message: the same is not sent twice. */
  #sent = new Map<string, string>();
  #feed: AppFeed | undefined;
  #retry: NodeJS.Timeout | undefined;
  #unheard = 0;

  constructor(options: TabOptions) {
    this.#options = options;
    const { socket, model, version } = options;
    this.#socket = socket;
    socket.on('message', (data, isBinary) => this.#hear(isBinary ? '' : String(data)));
    socket.on('pong', () => {
      this.#unheard = 0;
    });
    socket.on('error', () => socket.terminate());
    const beat = setInterval(() => this.#beat(), BEAT_MS);
    socket.on('close', () => {
      clearInterval(beat);
      clearTimeout(this.#retry);
      this.#feed?.close();
    });
    const { server, context, user, network, filter } = model.snapshot();
    this.#send(write({ type: 'hello', version, server, context, user, network, filter }));
    this.update();
  }

  /** Sends what has changed. */
  update(): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (!this.#isReady) {
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.update();
      }, RETRY_MS);
      return;
    }
    const { board } = this.#options;
    for (const [type, text] of board.shared) {
      if (this.#sent.get(type) === text) continue;
      this.#sent.set(type, text);
      this.#send(text);
    }
    if (this.#rows !== board.version) {
      this.#send(board.since(this.#rows));
      this.#rows = board.version;
    }
    for (const text of this.#feed?.news() ?? []) this.#send(text);
  }

  /** Says that rig ends, and closes. */
  end(why: string | null): void {
    this.#send(write({ type: 'bye', why }));
    this.#socket.close(1001);
  }

  get #isReady(): boolean {
    return this.#socket.bufferedAmount < MOST_WAITING;
  }

  #hear(text: string): void {
    this.#unheard = 0;
    const message = readTabMessage(text);
    if (message === undefined) return void this.#socket.close(1008);
    if (message.type === 'span') {
      this.#feed?.show(message.span);
      return void this.update();
    }
    const { app, view } = message;
    this.#feed?.close();
    const { model, apps } = this.#options;
    this.#feed = app === null ? undefined : new AppFeed(model, apps, app, view);
    this.#feed?.show('5m');
    this.update();
  }

  #send(text: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(text);
  }

  #beat(): void {
    this.#unheard += 1;
    if (this.#unheard > MOST_UNHEARD) return void this.#socket.terminate();
    this.#socket.ping();
    if (this.#isReady) this.#send(write({ type: 'beat' }));
  }
}
