import { createApps } from '../../support/many.ts';
import { type RunningMax, startMax } from '../../support/max.ts';
import { rigOk } from '../../support/rig.ts';
import type { Figure } from '../figure.ts';
import { residentOfProcess } from '../process-memory.ts';
import { type Child, startChild } from './child.ts';

const PROCESSES = 4;
const CLIENTS = 1000;
const NETWORK = 'crowd';
const UPDATES = 10;
/** Topics that hear of an update of the first app: the user's, the network's and the app's. */
const HEARING = 3;

async function idOf(max: RunningMax, path: string): Promise<string> {
  const answer = await fetch(`${max.url}${path}`, { headers: { authorization: `Bearer ${max.token}` } });
  const body = (await answer.json()) as { id?: string; user?: { id: string } };
  return body.id ?? body.user?.id ?? '';
}

async function rename(max: RunningMax, from: string, to: string): Promise<void> {
  const answer = await fetch(`${max.url}/v1/networks/${NETWORK}/apps/${from}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: to }),
  });
  if (!answer.ok) throw new Error(`the app was not renamed: ${answer.status} ${await answer.text()}`);
}

/** Tells every process something; gives the milliseconds until the last of them was done. */
async function all(children: readonly Child[], order: object): Promise<number> {
  const begun = performance.timeOrigin + performance.now();
  for (const child of children) child.tell(order);
  const done = await Promise.all(children.map((child) => child.hear<{ done?: number; failure?: string }>()));
  for (const { failure } of done) if (failure !== undefined) throw new Error(failure);
  return Math.max(...done.map((one) => one.done ?? 0)) - begun;
}

/** 1,000 clients of one Max with five channels each: they join, hear what they should, leave and go. */
export async function measureCrowd(): Promise<Figure[]> {
  const max = await startMax();
  const children: Child[] = [];
  try {
    await rigOk(max.home, ['create', 'network', NETWORK]);
    await createApps(max, NETWORK, 3);
    const base = `/v1/networks/${NETWORK}`;
    const topics = [
      `user:${await idOf(max, '/v1/whoami')}`,
      `network:${await idOf(max, base)}`,
      ...(await Promise.all([1, 2, 3].map(async (n) => `app:${await idOf(max, `${base}/apps/app-${n}`)}`))),
    ];
    const before = residentOfProcess(max.pid) ?? 0;
    const args = [String(max.port), max.token, String(CLIENTS / PROCESSES), ...topics];
    for (let i = 0; i < PROCESSES; i += 1) children.push(startChild('crowd-client.ts', args));
    const joined = await all(children, { join: true });
    const after = residentOfProcess(max.pid) ?? 0;
    const heard = all(children, { events: UPDATES * HEARING });
    for (let i = 0; i < UPDATES; i += 1)
      await rename(max, i % 2 === 0 ? 'app-1' : 'app-x', i % 2 === 0 ? 'app-x' : 'app-1');
    const broadcast = await heard;
    const left = await all(children, { leave: true });
    const closed = await all(children, { close: true });
    const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
    const events = CLIENTS * UPDATES * HEARING;
    return [
      {
        name: 'live: memory of Max for a client with 5 channels',
        value: ((after - before) * 1024) / CLIENTS,
        unit: 'KiB',
        limit: 200,
        note: `${CLIENTS} clients, ${before.toFixed(0)} MiB before and ${after.toFixed(0)} MiB after`,
      },
      {
        name: `live: ${CLIENTS} clients, ${CLIENTS * topics.length} joins`,
        value: joined,
        unit: 'ms',
        note: `${events} events heard in ${seconds(broadcast)}; all left in ${seconds(left)}, closed in ${seconds(closed)}`,
      },
    ];
  } finally {
    for (const child of children) await child.end();
    await max.stop();
  }
}
