import { WebSocket } from 'ws';

// Many clients in one process, each joined to every topic; does what it is told and tells when all have done it.
type Message = [joinRef: string | null, ref: string | null, topic: string, event: string, payload: unknown];

const [port = '', token = '', number = '', ...topics] = process.argv.slice(2);
const protocols = ['phoenix', `base64url.bearer.phx.${Buffer.from(token).toString('base64url')}`];

/** One client; what it is told is checked as it comes. */
class Client {
  readonly #last = new Map<string, number>();
  readonly #ws = new WebSocket(`ws://127.0.0.1:${port}/socket/websocket?vsn=2.0.0`, protocols, {
    perMessageDeflate: false,
  });
  answers = 0;
  closes = 0;
  events = 0;

  constructor() {
    this.#ws.on('message', (data: Buffer) => this.#read(JSON.parse(data.toString()) as Message));
    this.#ws.on('error', (cause) => fail(cause.message));
    this.#ws.on('close', (code) => {
      if (code !== 1000) fail(`a client was closed by ${code}`);
      changed();
    });
    this.#ws.on('open', () => this.#send('phx_join'));
  }

  get isClosed(): boolean {
    return this.#ws.readyState === WebSocket.CLOSED;
  }

  leave(): void {
    this.#send('phx_leave');
  }

  close(): void {
    this.#ws.close(1000);
  }

  #send(event: string): void {
    for (const [i, topic] of topics.entries()) this.#ws.send(JSON.stringify([`${i}`, `${i}`, topic, event, {}]));
  }

  #read([, , topic, event, payload]: Message): void {
    if (event === 'phx_reply') {
      if ((payload as { status: string }).status !== 'ok') fail(`${topic}: ${JSON.stringify(payload)}`);
      this.answers += 1;
    } else if (event === 'phx_close') {
      this.closes += 1;
    } else if (event === 'event') {
      const { seq } = payload as { seq: number };
      if (seq <= (this.#last.get(topic) ?? 0)) fail(`event ${seq} of ${topic} came twice, or late`);
      this.#last.set(topic, seq);
      this.events += 1;
    } else {
      fail(`${topic} said ${event}`);
    }
    changed();
  }
}

function fail(reason: string): never {
  process.send?.({ failure: reason });
  throw new Error(reason);
}

const clients: Client[] = [];
let goal: ((client: Client) => boolean) | undefined;
let reached = 0;

function changed(): void {
  if (goal === undefined) return;
  while (reached < clients.length && goal(clients[reached] as Client)) reached += 1;
  if (reached < clients.length) return;
  goal = undefined;
  process.send?.({ done: performance.timeOrigin + performance.now() });
}

function aim(next: (client: Client) => boolean): void {
  goal = next;
  reached = 0;
  changed();
}

process.on('message', (order: { join?: true; leave?: true; close?: true; events?: number }) => {
  if (order.join) {
    for (let i = 0; i < Number(number); i += 1) clients.push(new Client());
    aim(({ answers }) => answers === topics.length);
  }
  if (order.events !== undefined) aim(({ events }) => events >= (order.events as number));
  if (order.leave) {
    for (const client of clients) client.leave();
    aim(({ answers, closes }) => answers === 2 * topics.length && closes === topics.length);
  }
  if (order.close) {
    for (const client of clients) client.close();
    aim(({ isClosed }) => isClosed);
  }
});
