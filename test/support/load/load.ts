import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Kind } from './kinds.ts';

/** What is asked, and how often. */
export interface LoadPlan {
  port: number;
  /** The app's name as its Host. */
  host: string;
  /** Requests a second, of all kinds together. */
  rate: number;
  /** WebSockets that are open all the time. */
  sockets: number;
}

/** A request that was lost. */
export interface LoadFailure {
  kind: string;
  id: string;
  /** When, from the begin of the load. */
  atMs: number;
  why: string;
}

/** How it went. */
export interface LoadReport {
  answered: number;
  lost: number;
  /** Requests that were never begun, as too many were under way. */
  heldBack: number;
  /** Messages that came back over WebSockets. */
  echoes: number;
  /** WebSockets that the other side closed, saying so. */
  farewells: number;
  byKind: Partial<Record<Kind, number>>;
  /** The first of those that were lost. */
  failures: LoadFailure[];
  /** Releases that answered. */
  releases: string[];
  /** Ids of the POSTs that were answered. */
  posted: string[];
  seconds: number;
}

/** What the generator is told. */
export type ToGenerator = { kind: 'start'; plan: LoadPlan } | { kind: 'stop' };
/** What it tells. */
export type FromGenerator = { kind: 'progress'; answered: number } | { kind: 'report'; report: LoadReport };

/** A load on an app from a process of its own, so that it neither waits for its caller nor slows it down. */
export class Load {
  readonly #child: ChildProcess;
  readonly #report: Promise<LoadReport>;
  #answered = 0;
  #waiting: Array<{ from: number; resolve: () => void }> = [];

  constructor(plan: LoadPlan) {
    this.#child = fork(join(import.meta.dirname, 'generator.ts'), {
      execArgv: ['--import', 'tsx', '--conditions=rig-source'],
    });
    this.#report = new Promise((resolve, reject) => {
      this.#child.on('message', (message: FromGenerator) => {
        if (message.kind === 'report') resolve(message.report);
        else this.#progress(message.answered);
      });
      this.#child.once('exit', (code) => {
        this.#progress(Number.POSITIVE_INFINITY);
        reject(new Error(`the load generator ended with ${code}`));
      });
    });
    this.#report.catch(() => {});
    this.#tell({ kind: 'start', plan });
  }

  /** Resolves when so many more requests have come to an end. */
  more(count: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ from: this.#answered + count, resolve }));
  }

  /** Begins no more requests, and lets those under way end. */
  stop(): Promise<LoadReport> {
    if (this.#child.connected) this.#tell({ kind: 'stop' });
    return this.#report;
  }

  /** Ends it at once, whatever is under way. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #progress(answered: number): void {
    this.#answered = answered;
    this.#waiting = this.#waiting.filter(({ from, resolve }) => {
      if (from <= answered) resolve();
      return from > answered;
    });
  }

  #tell(message: ToGenerator): void {
    this.#child.send(message);
  }
}
