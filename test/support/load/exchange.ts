import { type Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';

/** Where the app is asked: Max's port, and the app's name in the Host header. */
export interface Address {
  port: number;
  host: string;
}

/** A whole answer. */
export interface Answer {
  status: number;
  release: string;
  body: Buffer;
}

/** Longer than any answer takes: what comes to an end neither way counts as lost. */
const SILENCE_MS = 60_000;

/** A request, and how its body is sent. */
export interface Exchange extends Pick<RequestOptions, 'method' | 'path' | 'headers'> {
  agent?: Agent | false;
  /** Sends the body and ends the request; without it there is none. */
  send?: (sent: ReturnType<typeof request>) => void;
}

/** Asks the app once; rejects when no whole answer comes. */
export function exchange(address: Address, { send, agent = false, ...options }: Exchange): Promise<Answer> {
  const { promise, resolve, reject } = settler<Answer>();
  const headers = { ...options.headers, host: address.host };
  const sent = request({ ...options, host: '127.0.0.1', port: address.port, agent, headers, timeout: SILENCE_MS });
  sent.once('timeout', () => sent.destroy(new Error(`nothing came for ${SILENCE_MS / 1000} s`)));
  sent.once('error', reject);
  sent.once('response', (answer: IncomingMessage) => {
    const pieces: Buffer[] = [];
    answer.on('data', (piece: Buffer) => pieces.push(piece));
    answer.once('error', (error) => reject(new Error(`the answer ${answer.statusCode} broke off: ${error.message}`)));
    answer.once('end', () =>
      resolve({
        status: answer.statusCode ?? 0,
        release: String(answer.headers['x-release'] ?? ''),
        body: Buffer.concat(pieces),
      }),
    );
  });
  if (send === undefined) sent.end();
  else send(sent);
  return promise;
}

/** A promise and what settles it. */
export function settler<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
