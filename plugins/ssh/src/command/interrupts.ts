import { constants } from 'node:os';
import { isRigError, RigError, type Services } from '@rig/plugin-api';
import type { Session } from '@rig/plugin-api/max';
import type { SessionLink } from '../session/index.ts';

/** A second Ctrl-C within that time does not wait for the command. */
const AGAIN_MS = 10_000;
/** How long a command may take to end after SIGTERM or SIGHUP of rig. */
const GRACE_MS = 10_000;
/** How long Max may take to end what is left behind. */
const STOP_MS = 5_000;

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Hands Ctrl-C and the like on to what runs, and ends it where that is not enough. */
export class Interrupts {
  /** Rejects once the command is given up. */
  readonly given: Promise<never>;
  readonly #services: Pick<Services, 'http' | 'onSignal'>;
  readonly #leaves: boolean;
  readonly #running = new Map<SessionLink, Session>();
  readonly #stop: () => void;
  #give!: (error: unknown) => void;
  #last = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #over = false;
  #givenUp = false;

  /** Whether what runs is left to itself rather than ended. */
  get leaves(): boolean {
    return this.#leaves;
  }

  /** @param leaves whether what runs is left to itself rather than ended */
  constructor(services: Pick<Services, 'http' | 'onSignal' | 'signal'>, leaves: boolean) {
    this.#services = services;
    this.#leaves = leaves;
    this.given = new Promise((_, reject) => {
      this.#give = reject;
    });
    this.given.catch(() => {});
    const stopSignals = services.onSignal((signal) => this.#received(signal));
    // Nobody reads any more, as after `| head`. First of all who hear of it: the connection is still there.
    const onAbort = (): void => this.#pass('SIGTERM');
    services.signal.addEventListener('abort', onAbort);
    this.#stop = () => {
      stopSignals();
      services.signal.removeEventListener('abort', onAbort);
    };
  }

  /** Whether nothing more is to be begun. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Whether the command was given up: then that is its end, whatever Max tells of it. */
  get isGivenUp(): boolean {
    return this.#givenUp;
  }

  /** What runs gets the signals; gives a function to call at its end. */
  add(link: SessionLink, session: Session): () => void {
    this.#running.set(link, session);
    return () => {
      this.#running.delete(link);
    };
  }

  /** Ends every command that runs, and waits for that, but not for long. */
  async endAll(): Promise<void> {
    if (this.#leaves) return;
    const http = await this.#services.http();
    const ends = [...this.#running.values()].map(({ id }) =>
      http.request('DELETE', `/v1/sessions/${encodeURIComponent(id)}`, { timeout: STOP_MS }).catch((error: unknown) => {
        if (!isRigError(error)) throw error;
      }),
    );
    await Promise.all(ends);
  }

  /** Takes no more signals. */
  dispose(): void {
    this.#stop();
    clearTimeout(this.#timer);
  }

  #received(signal: Signal): void {
    const now = performance.now();
    const isAgain = now - this.#last < AGAIN_MS;
    this.#last = now;
    this.#over = true;
    if (isAgain || this.#leaves || this.#running.size === 0) {
      this.#giveUp(signal);
      return;
    }
    this.#pass(signal);
    // A program may make what it likes of Ctrl-C, such as asking anew; whoever ends rig wants the end.
    if (signal !== 'SIGINT') this.#timer ??= setTimeout(() => this.#giveUp(signal), GRACE_MS);
  }

  #pass(signal: Signal): void {
    if (this.#leaves) return;
    for (const link of this.#running.keys()) link.signal(signal);
  }

  #giveUp(signal: Signal): void {
    if (this.#givenUp) return;
    this.#givenUp = true;
    const [{ id } = { id: '' }] = this.#running.values();
    const error = new RigError({
      code: 'RIG_INTERRUPTED',
      ...(id === ''
        ? { message: 'interrupted' }
        : this.#leaves
          ? {
              message: 'left; the command goes on',
              hint: `come back: rig command attach ${id}; end it: rig command stop ${id}`,
            }
          : { message: 'interrupted; the command was ended' }),
      exitCode: 128 + constants.signals[signal],
    });
    void this.endAll().finally(() => this.#give(error));
  }
}
