import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isRigError, RigError, type Services } from '@rig/plugin-api';
import type { Session } from '@rig/plugin-api/max';
import { attachCommand, sessionName } from './errors.ts';
import { isGone } from './explain-ending.ts';
import type { SessionLink } from './link.ts';

/** A second Ctrl-C within that time does not wait for the program. */
const AGAIN_MS = 10_000;
/** How long a program may take to end after SIGTERM or SIGHUP of rig. */
const GRACE_MS = 10_000;
/** How long Max may take to end what is left behind: a person waits for it. */
const STOP_MS = 3_000;
/** How long the id of what is just being begun is waited for: without it nobody can end that. */
const BEGIN_MS = 1_000;

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Hands Ctrl-C and the like on to what runs, and ends it where that is not enough, or where it is not reached yet. */
export class Interrupts {
  /** Rejects once everything is given up. */
  readonly given: Promise<never>;
  /** Whether what runs is left to itself rather than ended. */
  readonly leaves: boolean;
  readonly #services: Pick<Services, 'http' | 'onSignal'>;
  readonly #opening = new Set<Promise<unknown>>();
  readonly #sessions = new Set<Session>();
  readonly #links = new Set<SessionLink>();
  readonly #stop: () => void;
  #give!: (error: unknown) => void;
  #last = Number.NEGATIVE_INFINITY;
  #signal: Signal | undefined;
  #timer: NodeJS.Timeout | undefined;
  #givenUp = false;

  /** @param leaves whether what runs is left to itself rather than ended */
  constructor(services: Pick<Services, 'http' | 'onSignal' | 'signal'>, leaves: boolean) {
    this.#services = services;
    this.leaves = leaves;
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
    return this.#signal !== undefined;
  }

  /** Whether it was given up: then that is its end, whatever Max tells of it. */
  get isGivenUp(): boolean {
    return this.#givenUp;
  }

  /** Begins a session, or finds one: it is ended too, from the moment on that Max knows of it. */
  async open(begin: () => Promise<Session>): Promise<Session> {
    const opening = begin().then((session) => {
      this.#sessions.add(session);
      return session;
    });
    this.#opening.add(opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(opening);
    }
  }

  /** What runs gets the signals, one that came before it too; gives a function to call at its end. */
  add(link: SessionLink, session: Session): () => void {
    this.#links.add(link);
    this.#sessions.add(session);
    if (this.#signal !== undefined) this.#pass(this.#signal, [link]);
    return () => {
      this.#links.delete(link);
      this.#sessions.delete(session);
    };
  }

  /** Ends every session that runs, and waits for that, but not for long; says whether Max has ended them all. */
  async endAll(): Promise<boolean> {
    if (this.leaves) return false;
    const http = await this.#services.http();
    const ends = [...this.#sessions].map(async ({ id }) => {
      try {
        await http.request('DELETE', `/v1/sessions/${encodeURIComponent(id)}`, { timeout: STOP_MS });
      } catch (error) {
        if (!isRigError(error)) throw error;
        return isGone(error);
      }
      return true;
    });
    return (await Promise.all(ends)).every((isEnded) => isEnded);
  }

  /** The error of an end by the signal that was received. */
  interruption(message: string, hint?: string): RigError {
    return new RigError({
      code: 'RIG_INTERRUPTED',
      message,
      ...(hint === undefined ? {} : { hint }),
      exitCode: 128 + constants.signals[this.#signal ?? 'SIGINT'],
    });
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
    this.#signal = signal;
    if (this.#givenUp) this.#give(this.interruption(this.#notEnded()));
    else if (isAgain || this.leaves || this.#links.size === 0) void this.#giveUp();
    else {
      this.#pass(signal);
      // A program may make what it likes of Ctrl-C, such as asking anew; whoever ends rig wants the end.
      if (signal !== 'SIGINT') this.#timer ??= setTimeout(() => void this.#giveUp(), GRACE_MS);
    }
  }

  #pass(signal: Signal, links: Iterable<SessionLink> = this.#links): void {
    if (!this.leaves) for (const link of links) link.signal(signal);
  }

  async #giveUp(): Promise<void> {
    if (this.#givenUp) return;
    this.#givenUp = true;
    this.#give(this.leaves ? this.#left() : await this.#ended());
  }

  #left(): RigError {
    const [session] = this.#sessions;
    if (session === undefined) return this.interruption('interrupted');
    const back = `come back: ${attachCommand(session)}`;
    return session.detached
      ? this.interruption(`left; ${sessionName(session)} goes on`, `${back}; end it: rig command stop ${session.id}`)
      : this.interruption(`left; ${sessionName(session)} goes on for a minute`, back);
  }

  async #ended(): Promise<RigError> {
    if (this.#opening.size > 0) await Promise.race([Promise.allSettled(this.#opening), delay(BEGIN_MS)]);
    const isUnknown = this.#opening.size > 0;
    const [session, ...others] = this.#sessions;
    if (session === undefined) return this.interruption(isUnknown ? this.#notEnded() : 'interrupted');
    const isEnded = await this.endAll().catch(() => false);
    if (!isEnded || isUnknown) return this.interruption(this.#notEnded());
    const what = others.length > 0 ? 'the commands were' : `${sessionName(session)} was`;
    return this.interruption(`interrupted; ${what} ended`);
  }

  /** What is said where nobody waits any longer: for Max, or for a program that takes its time. */
  #notEnded(): string {
    const [session, ...others] = this.#sessions;
    if (session === undefined || this.#opening.size > 0)
      return 'interrupted; Max has not answered, and ends within a minute what may have begun';
    if (others.length > 0) return 'interrupted; the commands have not ended yet: Max ends them within a minute';
    return `interrupted; ${sessionName(session)} has not ended yet: Max ends it within a minute`;
  }
}

/** Does something during which signals go to sessions, or where it `leaves` them end it alone. */
export async function withInterrupts<T>(
  services: Pick<Services, 'http' | 'onSignal' | 'signal'>,
  work: (interrupts: Interrupts) => Promise<T>,
  leaves = false,
): Promise<T> {
  const interrupts = new Interrupts(services, leaves);
  try {
    // Whatever hangs, a request or a join: who has given up does not wait for it.
    const done = await Promise.race([work(interrupts), interrupts.given]);
    return interrupts.isGivenUp ? await interrupts.given : done;
  } finally {
    interrupts.dispose();
  }
}
