import type { LogLevel, ProblemCode } from '@rig/plugin-api/max';
import type { AppHost } from './app-host.ts';

/** An answer that the router gave in place of an app, or that it could not bring to its end. */
export interface RouterFailure {
  level: LogLevel;
  code: ProblemCode | 'RIG_CLIENT_GONE';
  /** What the client got; 499 for one that did not wait. */
  status: number;
  method: string;
  /** As it was asked for; its query is never kept, as it may carry tokens. */
  path: string;
  requestId: string;
  durationMs: number;
  /** The instance that was asked last. */
  instance: string | undefined;
  why: string;
}

/** Lines of one app in a second; what goes beyond is counted. */
const LINES_A_SECOND = 10;
const WINDOW_MS = 1_000;
const PATH_SHOWN = 200;

/** What was told of an app in the second that goes on. */
interface Window {
  host: AppHost;
  timer: NodeJS.Timeout;
  written: number;
  beyond: Map<string, { level: LogLevel; count: number }>;
}

/** Tells of failures, each as a line of its app, but no more lines a second than somebody can read. */
export class FailureLines {
  readonly #write: (host: AppHost, text: string) => void;
  readonly #windows = new Map<string, Window>();
  #closed = false;

  constructor(write: (host: AppHost, text: string) => void) {
    this.#write = write;
  }

  /** Writes a line, or counts it. */
  add(host: AppHost, failure: RouterFailure): void {
    if (this.#closed) return;
    const window = this.#window(host);
    if (window.written < LINES_A_SECOND) {
      window.written += 1;
      this.#write(host, lineOf(failure));
      return;
    }
    const { level, code } = failure;
    const counted = window.beyond.get(code) ?? { level, count: 0 };
    counted.count += 1;
    window.beyond.set(code, counted);
  }

  /** Tells now what was counted, and takes nothing more. */
  close(): void {
    this.#closed = true;
    for (const key of [...this.#windows.keys()]) this.#end(key);
  }

  #window(host: AppHost): Window {
    const key = `${host.app}.${host.network}`;
    let window = this.#windows.get(key);
    if (window === undefined) {
      const timer = setTimeout(() => this.#end(key), WINDOW_MS).unref();
      window = { host, timer, written: 0, beyond: new Map() };
      this.#windows.set(key, window);
    }
    return window;
  }

  #end(key: string): void {
    const window = this.#windows.get(key);
    if (window === undefined) return;
    const { host, timer, beyond } = window;
    clearTimeout(timer);
    this.#windows.delete(key);
    for (const [code, { level, count }] of beyond)
      this.#write(host, `level=${level} code=${code} count=${count} why="as many more within a second"`);
  }
}

function lineOf({ level, code, status, method, path, requestId, durationMs, instance, why }: RouterFailure): string {
  const bare = path.replace(/[?#].*$/s, '');
  const shown = bare.length > PATH_SHOWN ? `${bare.slice(0, PATH_SHOWN)}…` : bare;
  const of = instance === undefined ? '' : ` instance=${instance}`;
  const request = `method=${quoted(method)} path=${quoted(shown)}${of} duration=${Math.round(durationMs)}ms`;
  return `level=${level} code=${code} status=${status} ${request} request=${requestId} why=${JSON.stringify(why)}`;
}

const quoted = (text: string): string => (/^[\w\-./~%@:+,;!$&'()*…]+$/.test(text) ? text : JSON.stringify(text));
