import { createHash, randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Address, type Answer, exchange, settler } from './exchange.ts';

/** What a request of each kind does: resolves to the release that answered, rejects when it was lost in any way. */
export type Kind = 'quick' | 'fresh' | 'post' | 'upload' | 'expect' | 'pipelined' | 'slow' | 'stream' | 'download';

/** How large a part of all requests each kind is. */
export const SHARES: Readonly<Record<Kind, number>> = {
  quick: 0.4,
  fresh: 0.15,
  post: 0.2,
  upload: 0.02,
  expect: 0.02,
  pipelined: 0.04,
  slow: 0.08,
  stream: 0.06,
  download: 0.03,
};

/** The kinds whose ids the app keeps: each must be there once. */
export const POSTING: ReadonlySet<Kind> = new Set(['post', 'upload', 'expect']);

/** It lets go of idle connections before Max does: what is sent on one just when it is closed is lost, whoever is to blame. */
const agent = new Agent({ keepAlive: true, timeout: 30_000 });
const DOWNLOAD_BYTES = 2 << 20;
const DOWNLOADED = createHash('sha256').update(Buffer.alloc(DOWNLOAD_BYTES, 'download')).digest('hex');

class Lost extends Error {}

function check({ status, release, body }: Answer, wanted?: (text: string) => boolean): string {
  const text = body.toString('latin1', 0, 2000);
  if (status !== 200) throw new Lost(`answered ${status}: ${text.slice(0, 300).replace(/\s+/g, ' ')}`);
  if (wanted !== undefined && !wanted(text)) throw new Lost(`answered 200 with ${JSON.stringify(text.slice(0, 80))}`);
  return release;
}

const digest = (body: Buffer): string => createHash('sha256').update(body).digest('hex');
const between = (least: number, most: number): number => least + Math.floor(Math.random() * (most - least + 1));

async function post(to: Address, id: string, headers: Record<string, string>, pieces: Buffer[], pauseMs: number) {
  const wanted = digest(Buffer.concat(pieces));
  const answer = await exchange(to, {
    method: 'POST',
    path: `/post?id=${id}`,
    agent,
    headers,
    send: (sent) => {
      const write = async (): Promise<void> => {
        for (const piece of pieces) {
          sent.write(piece);
          if (pauseMs > 0) await delay(pauseMs);
        }
        sent.end();
      };
      if (headers.expect === undefined) void write();
      else sent.once('continue', () => void write());
    },
  });
  return check(answer, (text) => text === wanted);
}

/** Three requests at once on one connection, whose answers must come in their order. */
function pipelined({ port, host }: Address): Promise<string> {
  const { promise, resolve, reject } = settler<string>();
  const socket = connect(port, '127.0.0.1');
  const line = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
  socket.write(line('/slow?ms=150') + line('/quick') + line('/slow?ms=20', 'Connection: close\r\n'));
  let text = '';
  socket.setEncoding('latin1').on('data', (piece: string) => {
    text += piece;
  });
  socket.on('error', reject);
  socket.once('close', () => {
    const answers = text.split(/(?=HTTP\/1\.1 )/);
    const bodies = answers.map((answer) => answer.slice(answer.indexOf('\r\n\r\n') + 4));
    const fine = answers.every((answer) => answer.startsWith('HTTP/1.1 200 ')) && bodies.length === 3;
    if (fine && bodies[0] === 'slow' && bodies[1] !== 'slow' && bodies[2] === 'slow')
      resolve(/x-release: (\S+)/i.exec(text)?.[1] ?? '');
    else reject(new Lost(`three pipelined requests were answered with ${JSON.stringify(text.slice(0, 900))}`));
  });
  return promise;
}

/** Sends one request of each kind. */
export const SEND: Readonly<Record<Kind, (to: Address, id: string) => Promise<string>>> = {
  quick: async (to) => check(await exchange(to, { path: '/quick', agent })),
  fresh: async (to) => check(await exchange(to, { path: '/quick' })),
  post: (to, id) => post(to, id, {}, [randomBytes(between(1, 20_000))], 0),
  upload: (to, id) =>
    post(
      to,
      id,
      {},
      Array.from({ length: 15 }, () => randomBytes(4_000)),
      100,
    ),
  expect: (to, id) => post(to, id, { expect: '100-continue' }, [randomBytes(5_000)], 0),
  pipelined,
  slow: async (to) => check(await exchange(to, { path: `/slow?ms=${between(1000, 3000)}`, agent })),
  stream: async (to) => {
    const lines = between(10, 40);
    const wanted = [...Array.from({ length: lines }, (_, index) => `line ${index + 1}`), 'end', ''].join('\n');
    return check(await exchange(to, { path: `/stream?lines=${lines}`, agent }), (text) => text === wanted);
  },
  download: async (to) => {
    const answer = await exchange(to, { path: `/download?bytes=${DOWNLOAD_BYTES}`, agent });
    return check(answer, () => digest(answer.body) === DOWNLOADED);
  },
};
