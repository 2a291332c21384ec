import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { requestHeaders, responseHeaders } from './headers.ts';
import { dropRest, hasBody } from './request-body.ts';
import type { Target } from './target.ts';

/** How an attempt to pass a request on ended. */
export type Outcome =
  | { kind: 'done' }
  /** The client went away; `begun` when it had a part of the answer. */
  | { kind: 'gone'; begun: boolean }
  /** The instance broke off amid its answer. */
  | { kind: 'broken'; error: Error }
  /** Nothing was answered; `again` when the request can be sent once more without doing anything twice. */
  | { kind: 'failed'; error: Error; again: boolean };

/** What is said of a request that is passed on. */
export interface Errand {
  path: string;
  requestId: string;
  /** Told the status once the head of the answer is there. */
  answered(status: number): void;
}

const NOTHING = Buffer.alloc(0);

/** Methods that may be sent twice (RFC 9110, 9.2.2); with a body none can, as it is gone. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Passes a request on to an instance and its answer back, as streams, at the pace of the slower side. */
export function forward(
  req: IncomingMessage,
  res: ServerResponse,
  target: Target,
  { path, requestId, answered }: Errand,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const end = target.begin();
    const body = hasBody(req);
    const repeatable = !body && REPEATABLE.has(req.method ?? '');
    const handler = new Handler(res, answered, (outcome) => {
      end();
      if (outcome.kind === 'failed') outcome.again = repeatable || !handler.connected;
      // An answer that came before the whole request: what is left would be taken for the client's next one.
      if (outcome.kind === 'done') dropRest(req);
      resolve(outcome);
    });
    try {
      target.connections({ repeatable }).dispatch(
        {
          method: req.method as Dispatcher.HttpMethod,
          path,
          headers: requestHeaders(req, requestId),
          // Read only once a connection stands; and given up without ending the client's own connection.
          body: body ? (bodyOf(req) as never) : null,
        },
        handler,
      );
    } catch (error) {
      handler.onResponseError(undefined, error as Error);
    }
  });
}

async function* bodyOf(req: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } finally {
    // Given up by the instance: only now can it be read by anyone else.
    dropRest(req);
  }
}

class Handler implements Dispatcher.DispatchHandler {
  connected = false;
  readonly #res: ServerResponse;
  readonly #answered: (status: number) => void;
  readonly #settle: (outcome: Outcome) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #gone = false;
  #begun = false;
  readonly #onClose = (): void => {
    this.#gone = true;
    if (!this.#res.writableFinished) this.#controller?.abort(new Error('the client closed the connection'));
  };
  readonly #onDrain = (): void => this.#controller?.resume();

  constructor(res: ServerResponse, answered: (status: number) => void, settle: (outcome: Outcome) => void) {
    this.#res = res;
    this.#answered = answered;
    this.#settle = (outcome) => {
      res.off('close', this.#onClose);
      res.off('drain', this.#onDrain);
      settle(outcome);
    };
    res.on('close', this.#onClose);
    res.on('drain', this.#onDrain);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.connected = true;
    this.#controller = controller;
    if (this.#gone || this.#res.destroyed) controller.abort(new Error('the client closed the connection'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    message?: string,
  ): void {
    // 100 and 103 concern the hop to the instance.
    if (status < 200) return;
    const raw = (controller.rawHeaders as Buffer[]).map((part) => part.toString('latin1'));
    this.#res.writeHead(status, message, responseHeaders(raw));
    this.#answered(status);
    // An event stream may wait long for its first event: headers do not wait for it, but most bodies come at once.
    setImmediate(() => {
      // No `flushHeaders`: that encodes them as UTF-8.
      if (!this.#begun && !this.#res.writableEnded && !this.#res.destroyed) this.#res.write(NOTHING);
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#begun = true;
    if (!this.#res.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#res.end();
    this.#settle({ kind: 'done' });
  }

  onResponseError(_controller: unknown, error: Error): void {
    const begun = this.#res.headersSent;
    if (this.#gone || begun) {
      // A body that broke off must not look whole.
      this.#res.destroy();
      this.#settle(this.#gone ? { kind: 'gone', begun } : { kind: 'broken', error });
      return;
    }
    this.#settle({ kind: 'failed', error, again: false });
  }
}
