import { bindProcess, type Channel, type ReplyRef } from './channel.ts';
import type { ChannelSocket } from './channel-socket.ts';
import type { Subscriber } from './contract.ts';
import type { Message } from './message.ts';
import { error, isOrderly, isResult, ok, type Reply } from './result.ts';

/** How long a handler that still runs may delay `terminate` after the end. */
const terminateAfterMs = 5000;

/** A piece of a channel's work; its outcome counts where it is a reply or an end. */
type Task = () => unknown;

/** What waits in the mailbox. */
interface Letter {
  readonly task: Task;
  /** Told once it waits no longer. */
  readonly taken: (() => void) | undefined;
}

/** What a process asks of the socket that holds it. */
export interface ProcessHost {
  sendPush(message: Message): void;
  sendReply(joinRef: unknown, ref: unknown, topic: string, answer: Reply): void;
  /** The process has ended by itself. */
  processEnded(process: Subscriber & { readonly topic: string }, event: 'phx_close' | 'phx_error'): void;
  broadcast(topic: string, event: string, payload: unknown, from: unknown): void;
  /** Runs a piece of work now, or when the socket has handled what waits before it. */
  schedule(work: () => void): void;
  report(cause: unknown, topic: string, during: string): void;
  /** Work that a graceful stop waits for. */
  track(work: Promise<void>): void;
}

/** Runs one channel: its mailbox, its life from join to end, and what leaves it. */
export class ChannelProcess<Assigns = unknown> {
  readonly topic: string;
  readonly socket: ChannelSocket<Assigns>;
  /** Stands in every frame of this channel. */
  readonly joinRef: unknown;
  readonly #channel: Channel<Assigns>;
  readonly #host: ProcessHost;
  readonly #abort = new AbortController();
  readonly #mailbox: Letter[] = [];
  #state: 'joining' | 'joined' | 'ended' = 'joining';
  #accepted = false;
  #running = false;
  #scheduled = false;
  #current: Promise<unknown> | undefined;

  constructor(socket: ChannelSocket<Assigns>, host: ProcessHost, channel: Channel<Assigns>, message: Message) {
    this.socket = socket;
    this.#host = host;
    this.#channel = channel;
    this.topic = message.topic as string;
    this.joinRef = message.joinRef ?? message.ref;
    channel[bindProcess](this);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Broadcast events that this channel wants to see before its client does. */
  intercepts(event: string): boolean {
    return this.#channel.intercepts.includes(event);
  }

  /** Whether this client does not get a broadcast. */
  leavesOut(event: string): boolean {
    return this.#channel.leavesOut(event);
  }

  /** Asks the channel's `join`; an exception becomes the refusal `join crashed`. */
  join(payload: unknown): Reply | Promise<Reply> {
    const crashed = (cause: unknown): Reply => {
      this.#report(cause, 'join');
      return error({ reason: 'join crashed' });
    };
    const judge = (answer: Reply): Reply => {
      this.#accepted = answer.status === 'ok';
      return answer;
    };
    try {
      const answer = this.#channel.join(this.topic, payload);
      if (!(answer instanceof Promise)) return judge(answer);
      const settled = answer.then(judge).catch(crashed);
      this.#current = settled;
      return settled;
    } catch (cause) {
      return crashed(cause);
    }
  }

  /** Starts on the mailbox, once the join has been answered. */
  open(): void {
    if (this.#state !== 'joining') return;
    this.#state = 'joined';
    this.#pump();
  }

  /** The join was refused: there is nothing to free. */
  discard(): void {
    this.#state = 'ended';
    this.#empty();
    this.#abort.abort(ended('refused'));
  }

  /** Takes a message of the client; `taken` is told once it waits no longer. */
  deliver(message: Message, taken: () => void): void {
    if (message.event === 'phx_leave') {
      this.run(() => ({ kind: 'stop', reason: 'left', reply: ok() }), message, taken);
      return;
    }
    const ref: ReplyRef = { ref: message.ref };
    this.run(() => this.#channel.handleIn(message.event as string, message.payload, ref), message, taken);
  }

  /** Takes a broadcast that the channel intercepts. */
  deliverOut(event: string, payload: unknown): void {
    this.run(() => this.#channel.handleOut(event, payload));
  }

  /** Puts a task into the mailbox; `message` is what its reply answers. */
  run(task: Task, message?: Message, taken?: () => void): void {
    if (this.#state === 'ended') {
      taken?.();
      return;
    }
    const settled: Task = () => {
      const result = task();
      return result instanceof Promise
        ? result.then((value) => this.#settle(value, message))
        : this.#settle(result, message);
    };
    this.#mailbox.push({ task: settled, taken });
    this.#pump();
  }

  push(event: string, payload: unknown): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'joining') throw new TypeError('nothing can be pushed before the join is answered: use run()');
    this.#host.sendPush({ joinRef: this.joinRef, ref: null, topic: this.topic, event, payload });
  }

  reply(ref: ReplyRef, answer: Reply): void {
    if (this.#state === 'joined') this.#host.sendReply(this.joinRef, ref.ref, this.topic, answer);
  }

  broadcast(event: string, payload: unknown, butSelf: boolean): void {
    this.#host.broadcast(this.topic, event, payload, butSelf ? this : undefined);
  }

  drained(bytes?: number): Promise<void> {
    return this.socket.drained(bytes, this.signal);
  }

  /** Ends the process from outside, at once: whatever waits in its mailbox is lost. */
  kill(reason: string): void {
    this.#end(reason);
  }

  #pump(): void {
    if (this.#running || this.#scheduled || this.#state !== 'joined') return;
    this.#scheduled = true;
    this.#host.schedule(() => {
      this.#scheduled = false;
      this.#work();
    });
  }

  #work(): void {
    while (!this.#running && this.#state === 'joined') {
      const letter = this.#mailbox.shift();
      if (letter === undefined) return;
      this.#running = true;
      letter.taken?.();
      try {
        const work = letter.task();
        if (work instanceof Promise) {
          this.#current = work.catch((cause: unknown) => this.#crash(cause)).finally(() => this.#next());
          return;
        }
      } catch (cause) {
        this.#crash(cause);
      }
      this.#running = false;
    }
  }

  #next(): void {
    this.#running = false;
    this.#current = undefined;
    this.#pump();
  }

  #settle(result: unknown, message: Message | undefined): undefined {
    if (!isResult(result) || this.#state !== 'joined') return undefined;
    const answer = result.kind === 'reply' ? result : result.reply;
    if (answer !== undefined && message !== undefined) this.reply({ ref: message.ref }, answer);
    if (result.kind === 'stop' && this.#end(result.reason)) {
      this.#host.processEnded(this, isOrderly(result.reason) ? 'phx_close' : 'phx_error');
    }
    return undefined;
  }

  #crash(cause: unknown): void {
    // A handler that was waiting when its channel ended fails by that very end: this is no news.
    if (this.#state === 'ended' && cause === this.signal.reason) return;
    this.#report(cause, 'handler');
    if (this.#end('crash')) this.#host.processEnded(this, 'phx_error');
  }

  #end(reason: string): boolean {
    if (this.#state === 'ended') return false;
    this.#state = 'ended';
    this.#empty();
    this.#abort.abort(ended(reason));
    this.#host.track(this.#terminate(reason));
    return true;
  }

  #empty(): void {
    for (const { taken } of this.#mailbox.splice(0)) taken?.();
  }

  async #terminate(reason: string): Promise<void> {
    // Not before the socket has let go of this channel, so that a farewell broadcast does not reach it.
    await undefined;
    // Not before the handler that runs has settled: it may be taking hold of what terminate frees.
    if (this.#current !== undefined) await settledOr(this.#current, terminateAfterMs);
    if (!this.#accepted) return;
    try {
      await this.#channel.terminate(reason);
    } catch (cause) {
      this.#report(cause, 'terminate');
    }
  }

  #report(cause: unknown, during: string): void {
    this.#host.report(cause, this.topic, during);
  }
}

function ended(reason: string): Error {
  return Object.assign(new Error(`the channel has ended (${reason})`), { name: 'AbortError' });
}

async function settledOr(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
    timer.unref();
  });
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
