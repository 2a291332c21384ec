import { join } from 'node:path';
import { encodeSessionData, type Session } from '@rig/plugin-api/max';
import { createSocket } from '../../../host/src/socket/index.ts';
import { answering, deploy, writeNodeApp } from '../../support/app.ts';
import { type RunningMax, startMax } from '../../support/max.ts';
import { RIG } from '../../support/rig.ts';
import type { Figure } from '../figure.ts';
import { quantile, startChild } from '../live/child.ts';
import { median } from '../measure.ts';
import { residentOfProcess } from '../process-memory.ts';
import { Typist } from './keystrokes.ts';

const FLAGS = ['--conditions=rig-source', '--import', 'tsx'];
const WARM = 100;
const KEYS = 400;
const SHELLS = 50;

/** A program that echoes each byte by itself: nothing of the terminal is in the way. */
const ECHO = 'stty raw -echo; printf ready; exec cat';

/** A shell in an app beside a terminal behind a bare WebSocket: what a key costs, and what a shell weighs. */
export async function measureShell(rounds: number): Promise<Figure[]> {
  const max = await startMax();
  try {
    await deploy(max, 'api.shop', await writeNodeApp(join(max.home.dir, 'app'), answering('hi')));
    return [await measureEcho(max, rounds), await measureMemory(max)];
  } finally {
    await max.stop();
  }
}

/** Both clients run in a terminal each and are typed to in turn, the order swapped each time. */
async function measureEcho(max: RunningMax, rounds: number): Promise<Figure> {
  const relay = startChild('../shell/plain-relay.ts', ['sh', '-c', ECHO]);
  const rig = new Typist([RIG, 'shell', '--app', 'api.shop'], max.home.env);
  const plain = new Typist([...FLAGS, join(import.meta.dirname, 'plain-client.ts'), String(await relay.hear())], {
    PATH: process.env.PATH ?? '',
  });
  try {
    await plain.hears('ready');
    await rig.hears('web.1');
    // Its echo must not look like what it will say.
    rig.type(`${ECHO.replace('ready', 'rea""dy')}\r`);
    await rig.hears('ready');
    const ratios: number[] = [];
    const p50s: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
    for (let round = 0; round <= rounds; round += 1) {
      const times = await typeInTurn(rig, plain, round === 0 ? WARM : KEYS);
      if (round === 0) continue;
      const [ours, theirs] = [quantile(times.ours, 0.5), quantile(times.theirs, 0.5)];
      p50s.ours.push(ours);
      p50s.theirs.push(theirs);
      ratios.push(ours / theirs);
    }
    return {
      name: 'shell: echo of a key p50 / a bare WebSocket to a terminal',
      value: median(ratios),
      unit: '×',
      limit: 2,
      note: `${median(p50s.ours).toFixed(3)} ms / ${median(p50s.theirs).toFixed(3)} ms`,
    };
  } finally {
    rig.end();
    plain.end();
    await relay.end();
  }
}

async function typeInTurn(rig: Typist, plain: Typist, keys: number): Promise<{ ours: number[]; theirs: number[] }> {
  const times = { ours: [] as number[], theirs: [] as number[] };
  for (let key = 0; key < keys; key += 1) {
    const letter = String.fromCharCode(97 + (key % 26));
    for (const who of key % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const)) {
      times[who].push(await (who === 'ours' ? rig : plain).echo(letter));
    }
  }
  return times;
}

/** What Max alone weighs more with so many shells that are joined and have shown a prompt. */
async function measureMemory(max: RunningMax): Promise<Figure> {
  const headers = { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' };
  const socket = createSocket({
    url: max.url,
    token: async () => max.token,
    userAgent: 'bench',
    signal: new AbortController().signal,
  });
  const open = async (): Promise<Session> => {
    const terminal = { columns: 80, rows: 24, term: 'xterm' };
    const body = JSON.stringify({ kind: 'shell', terminal });
    const answer = await fetch(`${max.url}/v1/networks/shop/apps/api/sessions`, { method: 'POST', headers, body });
    const session = (await answer.json()) as Session;
    const channel = await socket.join(`session:${session.id}`, {}, { overflow: 'window' });
    channel.send('data', encodeSessionData({ stream: 'stdin', offset: 0, bytes: Buffer.from('exec cat\n') }));
    for await (const { event } of channel.events()) if (event === 'data') break;
    return session;
  };
  const end = async ({ id }: Session): Promise<void> => {
    await fetch(`${max.url}/v1/sessions/${id}`, { method: 'DELETE', headers });
  };
  try {
    // The first ones load what all need.
    const warm = await Promise.all(Array.from({ length: 5 }, open));
    const before = residentOfProcess(max.pid) ?? 0;
    const shells = await Promise.all(Array.from({ length: SHELLS }, open));
    const after = residentOfProcess(max.pid) ?? 0;
    await Promise.all([...warm, ...shells].map(end));
    return {
      name: `shell: resident memory of Max for one of ${SHELLS} shells`,
      value: ((after - before) * 1024) / SHELLS,
      unit: 'KiB',
      limit: 1024,
      note: `${before.toFixed(0)} → ${after.toFixed(0)} MiB`,
    };
  } finally {
    await socket.dispose();
  }
}
