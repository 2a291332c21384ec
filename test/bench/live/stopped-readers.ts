import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { answering, askApp, deploy, writeNodeApp } from '../../support/app.ts';
import { type RunningMax, startMax } from '../../support/max.ts';
import type { Figure } from '../figure.ts';
import { residentOfProcess } from '../process-memory.ts';

const APP = 'chatty.crowd';
const READERS = 20;
const LINES = 20_000;
const LINE_BYTES = 1000;

/** Writes its lines each time it is asked, and answers when they are written. */
const SOURCE = answering(
  'chatty',
  `server.on('request', () => { for (let n = 0; n < ${LINES / 10}; n += 1) console.log('x'.repeat(${LINE_BYTES})); });`,
);

async function get<T>(max: RunningMax, path: string): Promise<T> {
  const answer = await fetch(`${max.url}${path}`, { headers: { authorization: `Bearer ${max.token}` } });
  return (await answer.json()) as T;
}

/** A follower of a log that reads the answer to its join and then nothing more. */
class StoppedReader {
  readonly ws: WebSocket;
  readonly joined: Promise<void>;
  /** Lines that came. */
  lines = 0;

  constructor(max: RunningMax, topic: string) {
    const bearer = `base64url.bearer.phx.${Buffer.from(max.token).toString('base64url')}`;
    this.ws = new WebSocket(`ws://127.0.0.1:${max.port}/socket/websocket?vsn=2.0.0`, ['phoenix', bearer]);
    this.joined = new Promise((resolve, reject) => {
      this.ws.once('error', reject);
      this.ws.once('open', () => this.ws.send(JSON.stringify(['1', '1', topic, 'phx_join', { lines: 0 }])));
      this.ws.on('message', (data: Buffer) => {
        const [, , , event, payload] = JSON.parse(data.toString()) as [
          string,
          string,
          string,
          string,
          { lines?: unknown[] },
        ];
        if (event === 'lines') this.lines += payload.lines?.length ?? 0;
        if (event !== 'phx_reply') return;
        this.ws.pause();
        resolve();
      });
    });
  }
}

/** Has the app write its lines, and waits until Max has taken them all in. */
async function write(max: RunningMax): Promise<number> {
  const logs = `/v1/networks/crowd/apps/chatty/logs?lines=1`;
  const last = async (): Promise<number> =>
    (await get<{ lines: Array<{ seq: number }> }>(max, logs)).lines.at(-1)?.seq ?? 0;
  const due = (await last()) + LINES;
  for (let part = 0; part < 10; part += 1) await askApp(max, APP);
  while ((await last()) < due) await sleep(100);
  return residentOfProcess(max.pid) ?? 0;
}

/** How much Max grows by followers that stop reading while their app writes far more than their windows. */
export async function measureStoppedReaders(): Promise<Figure[]> {
  const max = await startMax();
  const readers: StoppedReader[] = [];
  try {
    await deploy(max, APP, await writeNodeApp(join(max.home.dir, 'chatty'), SOURCE));
    const { id } = await get<{ id: string }>(max, '/v1/networks/crowd/apps/chatty');
    await write(max);
    const before = await write(max);
    for (let i = 0; i < READERS; i += 1) readers.push(new StoppedReader(max, `logs:app:${id}`));
    await Promise.all(readers.map(({ joined }) => joined));
    const after = await write(max);
    const window = 1000;
    for (const { ws } of readers) ws.resume();
    const begun = Date.now();
    while (readers.some(({ lines }) => lines < window)) {
      if (Date.now() - begun > 30_000) throw new Error('a reader that read on did not get its window');
      await sleep(50);
    }
    if (readers.some(({ lines }) => lines > window)) throw new Error('a reader got more than its window');
    return [
      {
        name: 'live: growth of Max for a follower that stopped reading',
        value: Math.max(0, after - before) / READERS,
        unit: 'MiB',
        limit: 2,
        note: `${READERS} of them, while ${(LINES * LINE_BYTES) / 1e6} MB of log were written; a window is ${window} lines, 1 MB here`,
      },
    ];
  } finally {
    for (const { ws } of readers) ws.terminate();
    await max.stop();
  }
}
