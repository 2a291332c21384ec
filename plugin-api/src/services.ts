import type { Readable } from 'node:stream';
import type { BailHook, SeriesHook, WaterfallHook } from './hooks.ts';
import type { Socket } from './socket.ts';

/** Where a setting's value came from, nearest first. */
export type Origin = 'flag' | 'environment' | 'project' | 'user' | 'system' | 'default';

/** The server and identity that a command acts with. */
export interface Target {
  /** Name of the context; `undefined` where the server came from `RIG_SERVER` alone. */
  context: string | undefined;
  /** Base URL of Max, without a trailing slash. */
  server: string;
}

/** An app as the user named it; see `rig help names`. */
export interface AppRef {
  /** Name of the app. */
  app: string;
  /** Name of its network. */
  network: string;
  /** Which source decided, e.g. `--app`, `RIG_APP`, `.rigrc`; for the target line. */
  origin: string;
}

/** Settings of every layer: flag > environment > project > user > system > default. */
export interface Config {
  /** The value of a setting, or `undefined` where no layer has one. */
  get<T extends string | number | boolean = string>(key: string): T | undefined;
  /** The layer that decided, and the file or variable. */
  origin(key: string): { layer: Origin; source: string } | undefined;
  /** Writes a setting to the user's file, atomically; needs `config:write`. `undefined` removes it. */
  set(key: string, value: string | number | boolean | undefined): Promise<void>;
  /** The chosen server. @throws RigError `RIG_NO_CONTEXT` (4) where none is chosen */
  target(): Target;
  /**
   * Finds the app: `--app api.shop`, `--app api --network shop`, `RIG_APP`, the project file, the context's network.
   * Names are checked before anything is sent. `argument` is for a command whose argument, and not `--app`, gives
   * `app`: its name in the usage line, for messages.
   * @throws RigError `RIG_NO_APP`, `RIG_NO_NETWORK`, `RIG_BAD_NAME` (2)
   */
  app(options?: { app?: string | undefined; network?: string | undefined; argument?: string }): AppRef;
  /** Finds the network in the same way. @throws RigError `RIG_NO_NETWORK`, `RIG_BAD_NAME` (2) */
  network(option?: string | undefined): { network: string; origin: string };
  /**
   * The same settings as they are in another folder: its project file, or one above it, takes the place of this one's.
   * For a command that is given the folder it works on.
   */
  at(dir: string): Promise<Config>;
  /** Folder of the project file, or `undefined`. */
  readonly projectDir: string | undefined;
  /** Writes keys to the project file of `dir` (`.rigrc` by default), keeping its other keys; needs `config:write`. */
  writeProject(dir: string, values: Record<string, string>): Promise<string>;
}

/** Who is signed in. */
export interface Identity {
  /** Base URL of the server, without a trailing slash. */
  server: string;
  /** Name of the user; `RIG_TOKEN` where the token of the environment is used, for its server alone knows whose it is. */
  subject: string;
  /** `environment` (RIG_TOKEN), `keychain` or `file`. */
  source: 'environment' | 'keychain' | 'file';
  /** ISO 8601, or `undefined` where it does not expire. */
  expiresAt: string | undefined;
}

/** Sign-in state of the current target. */
export interface Auth {
  /** A bearer token that is valid now, renewed where needed; needs `auth:token`. @throws RigError `RIG_NOT_SIGNED_IN` (4) */
  token(): Promise<string>;
  /** Who is signed in, without asking Max; `undefined` where nobody is. */
  identity(): Promise<Identity | undefined>;
}

/** What one HTTP request may be given. */
export interface HttpOptions {
  /** Added to the path; `undefined` values are left out. */
  query?: Record<string, string | number | boolean | undefined>;
  /** A JSON body. */
  json?: unknown;
  /** A raw body; sent chunked, never held in memory. Excludes `json`. */
  body?: Readable | Uint8Array;
  /** Names in any case; `authorization` is the host's alone. */
  headers?: Record<string, string>;
  /** Sent as `Idempotency-Key`; `true` makes one. Such a request may be retried. */
  idempotencyKey?: string | true;
  /** Sent as `If-Match`. */
  ifMatch?: string;
  /** Milliseconds until the answer's head must be there; 30,000 unless said. 0: none. */
  timeout?: number;
  /** Ends the request; the command's own signal always does. */
  signal?: AbortSignal;
}

/** A whole answer. */
export interface HttpReply<T> {
  /** HTTP status, 200 to 299: anything else is thrown. */
  status: number;
  /** The JSON body, or `undefined` where there is none. */
  data: T;
  /** The `ETag` of the resource, for `ifMatch`. */
  etag: string | undefined;
  /** Max's id of the request, for its log. */
  requestId: string | undefined;
  /** Any header of the answer; the name in any case. */
  header(name: string): string | undefined;
}

/**
 * HTTP to Max alone, signed in. Every failure is a RigError: `RIG_UNREACHABLE` (6), `RIG_TIMEOUT` (7), `RIG_NOT_SIGNED_IN`
 * (4), or the code of Max's problem document with the exit code that belongs to its status.
 */
export interface Http {
  /** Sends a request and gives the whole answer. */
  request<T = unknown>(method: string, path: string, options?: HttpOptions): Promise<HttpReply<T>>;
  /** Gives the body of a `GET`. */
  get<T = unknown>(path: string, options?: HttpOptions): Promise<T>;
  /** Gives the body of the answer to a `POST`. */
  post<T = unknown>(path: string, options?: HttpOptions): Promise<T>;
  /** Every item of a list that pages by cursor; stops asking when the consumer stops. */
  pages<T>(path: string, options?: HttpOptions & { limit?: number }): AsyncIterable<T>;
}

/** What a command says beside its data: all of it goes to stderr and is silent with a machine form of `-o`. */
export interface Output {
  /** The form that was asked for. */
  readonly format: 'table' | 'json' | 'ndjson' | 'yaml' | 'name';
  /** Whether a person watches stderr: then progress may be animated. */
  readonly interactive: boolean;
  /** Whether a person has a terminal at both ends and wants a table: then a command may lease it and draw. */
  readonly fullScreen: boolean;
  /** Whether what is drawn on standard output is coloured: `--color`, `NO_COLOR` and `FORCE_COLOR` decide, and the terminal. */
  readonly color: boolean;
  /** Says what a mutating command acts on, e.g. `app api.shop on local (http://127.0.0.1:7420), by --app`. */
  target(what: string, origin?: string): Promise<void>;
  /** A sentence for a person. */
  note(text: string): void;
  /** A warning: in machine forms a JSON object a line. */
  warn(code: string, text: string): void;
  /** A line of a longer output for a person, such as a build log; sanitised. */
  line(text: string): void;
  /** Starts a progress display: a bar on a terminal, a plain line every few seconds elsewhere. */
  progress(title: string): Progress;
}

/** A running progress display; ended by `done`, or by the command's end. */
export interface Progress {
  /** @param total `undefined` while unknown */
  update(current: number, total: number | undefined, unit?: 'bytes' | 'items'): void;
  /** Ends the display; `text` stands in place of it. */
  done(text?: string): void;
}

/** Questions to a person; each fails with `RIG_NO_TERMINAL` (2) where nobody can answer (`CI`, no terminal, machine forms). */
export interface Prompt {
  /** Asks for the exact text, e.g. a name before a delete. @throws RigError `RIG_NOT_CONFIRMED` */
  confirmByName(question: string, expected: string): Promise<void>;
  /** Asks for yes or no. */
  confirm(question: string): Promise<boolean>;
  /** Reads without echo. */
  secret(question: string): Promise<string>;
}

/** The terminal, leased: raw stdin and stdout are this command's alone until `release`; all other output is queued. */
export interface TerminalLease {
  /** Bytes as they are typed. */
  readonly stdin: Readable;
  /** Whether there is a terminal at both ends. */
  readonly isTTY: boolean;
  /** Which of the standard streams are terminals: the others get bytes as they are, whatever a terminal would make of them. */
  readonly terminals: { stdin: boolean; stdout: boolean; stderr: boolean };
  /** Resolves when the bytes are handed to the system, so that a slow reader slows the writer. */
  write(data: string | Uint8Array): Promise<void>;
  /** The same to standard error: for what a remote program writes there. */
  writeError(data: string | Uint8Array): Promise<void>;
  /**
   * Turns line editing and signals of the terminal off or on. With `output` what is written goes out as it is, too: a line
   * feed does not go back to the first column any more. Without raw mode it has no meaning.
   */
  setRawMode(raw: boolean, options?: { output?: boolean }): void;
  /** Whether something that was written has switched to the alternate screen. */
  readonly isFullScreen: boolean;
  /** Whether what was written ends in the midst of a character or an escape sequence. */
  readonly isMidway: boolean;
  /**
   * Says that another program on the same terminal has it now: a signal leaves its modes alone until the function that is
   * given is called, once that program has ended. Restored before, they would be set again by the other one's own end.
   */
  lend(): () => void;
  /** Stops rig as Ctrl-Z does, with the terminal as it was; when it is continued the modes are set again. */
  suspend(): void;
  /** Columns and rows now. */
  size(): { columns: number; rows: number };
  /** Calls back when the size changes; gives a function that stops it. */
  onResize(listener: (size: { columns: number; rows: number }) => void): () => void;
  /**
   * Gives the terminal back as it was, and takes back modes (alternate screen, mouse, hidden cursor, …) that something which
   * was written has left on; also done at the end of the command, after an error and at a signal.
   */
  release(): Promise<void>;
}

/** What rig lends to a command or a tap: each is built on its first call, nothing is imported before. */
export interface Services {
  /** Aborted at Ctrl-C, SIGTERM and a closed stdout. */
  readonly signal: AbortSignal;
  /** Everything that is said on stderr. */
  readonly output: Output;
  /** Questions to a person. */
  readonly prompt: Prompt;
  /** Settings; writing them needs `config:write`. */
  config(): Promise<Config>;
  /** Who is signed in; the token itself needs `auth:token`. */
  auth(): Promise<Auth>;
  /** Needs `http`. */
  http(): Promise<Http>;
  /** Needs `socket`. */
  socket(): Promise<Socket>;
  /** Everything on standard input, once. */
  stdin(): Readable;
  /** Takes the terminal for this command alone, for a `raw` result. @throws RigError `RIG_TERMINAL_BUSY` */
  lease(): Promise<TerminalLease>;
  /**
   * Takes Ctrl-C, SIGTERM and SIGHUP for a command that passes them on: each calls back instead of interrupting the command,
   * until the function that it gives is called. Whoever insists is heard all the same: the fourth interrupts, unless the
   * command takes them `always`, as one does that another program has started and will end.
   */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void, options?: { always?: boolean }): () => void;
  /** Tells the taps of a hook what happened. */
  fire<P>(hook: SeriesHook<P>, payload: P): Promise<void>;
  /** Lets the taps of a hook change a value, and gives what came out. */
  fire<V>(hook: WaterfallHook<V>, value: V): Promise<V>;
  /** Asks the taps of a hook, and gives the first answer. */
  fire<P, R>(hook: BailHook<P, R>, payload: P): Promise<R | undefined>;
  /** Run at the end of the command, last first, also after an error. */
  defer(cleanup: () => void | Promise<void>): void;
  /** The folder rig was started in, the environment it may read, and rig's own program for starting it again. */
  readonly runtime: {
    cwd: string;
    env: Readonly<Record<string, string | undefined>>;
    /** `[node, rig.cjs]`. */
    self: readonly [string, string];
    version: string;
    /** Folders of this user, XDG rules: absolute, not necessarily there yet. */
    dirs: { config: string; data: string; state: string; cache: string };
  };
}
