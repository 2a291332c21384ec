/** What a client gets back: a status, by habit `ok` or `error`, and a response, JSON or (a Buffer) binary. */
export interface Reply {
  readonly kind: 'reply';
  readonly status: string;
  readonly response: unknown;
}

/** The end of a channel, decided by its own code. */
export interface Stop {
  readonly kind: 'stop';
  /** `normal` and `shutdown` close the channel for the client; any other reason looks like a crash. */
  readonly reason: string;
  /** Sent before the end. */
  readonly reply: Reply | undefined;
}

/** What `handleIn` may answer: a reply, an end, or nothing. */
export type HandlerResult = Reply | Stop | undefined;

/** Lets a client in, or answers a push with success. */
export function ok(response: unknown = {}): Reply {
  return reply('ok', response);
}

/** Refuses a join, or answers a push with a failure. */
export function error(response: unknown = {}): Reply {
  return reply('error', response);
}

/** Answers with a status of your own. */
export function reply(status: string, response: unknown = {}): Reply {
  return { kind: 'reply', status, response: response === undefined ? {} : response };
}

/** Ends the channel, after an answer where one is given. */
export function stop(reason = 'normal', answer?: Reply): Stop {
  return { kind: 'stop', reason, reply: answer };
}

/** Says whether what a handler gave back is an answer or an end. */
export function isResult(value: unknown): value is Reply | Stop {
  const kind = value === null || typeof value !== 'object' ? undefined : (value as { kind?: unknown }).kind;
  return kind === 'reply' || kind === 'stop';
}

/** Says whether a reason is an orderly end, which a client sees as `phx_close` rather than `phx_error`. */
export function isOrderly(reason: string): boolean {
  return reason === 'normal' || reason === 'shutdown' || reason === 'left';
}
