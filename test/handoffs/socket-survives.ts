import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Channel, ChannelEvent } from '@rig/plugin-api';
import type { ResourceEvent } from '@rig/plugin-api/max';
import { createSocket, type HostSocket } from '../../host/src/socket/index.ts';
import { answering, askApp, deploy, writeNodeApp } from '../support/app.ts';
import { ChaosProxy, CUT_KINDS } from '../support/chaos-proxy.ts';
import { numbersIn, runThroughChaos } from '../support/chaos-run.ts';
import { CHAOS_SCENARIOS } from '../support/chaos-scenarios.ts';
import type { RunningMax } from '../support/max.ts';
import type { Line } from './line.ts';

const ROUNDS = 2;
const LINES = 40;

/** Asks Max's API; fails for anything but success. */
async function ask<T>(max: RunningMax, path: string, body?: object, method = 'POST'): Promise<T> {
  const answer = await fetch(`${max.url}${path}`, {
    headers: { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method, body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${path} was answered by ${answer.status}`);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

const topicOf = async (max: RunningMax): Promise<string> =>
  `user:${(await ask<{ user: { id: string } }>(max, '/v1/whoami')).user.id}`;

/** Joins the user's events, to go on after the last that came. */
async function follow(max: RunningMax, socket: HostSocket) {
  let last: number | undefined;
  const channel: Channel = await socket.join(await topicOf(max), () => (last === undefined ? {} : { after: last }), {
    patient: true,
  });
  last = (channel.joined as { last: number }).last;
  const events = channel.events<ResourceEvent>();
  return async (wanted: string): Promise<void> => {
    for (;;) {
      const { value, done } = await events.next();
      assert.ok(done !== true, 'the events ended');
      const { seq, text } = (value as ChannelEvent<ResourceEvent>).payload;
      assert.equal(seq, (last as number) + 1, 'an event is missing, or came twice');
      last = seq;
      if (text.includes(wanted)) return;
    }
  };
}

/** The socket is usable again after each kind of cut. */
export const socketStaysUsable: Line = {
  handoff: '2 → 3 communication',
  name: 'the socket stays usable across network interruptions',
  async check({ max }) {
    const proxy = await ChaosProxy.to(max.port);
    const socket = createSocket({
      url: proxy.url,
      token: async () => max.token,
      userAgent: 'handoff',
      signal: AbortSignal.timeout(180_000),
    });
    try {
      const heard = await follow(max, socket);
      let longest = 0;
      for (const [i, how] of Array.from({ length: ROUNDS }, () => CUT_KINDS)
        .flat()
        .entries()) {
        await proxy.opened('socket');
        assert.equal(proxy.cut('socket', how), 1);
        const begun = performance.now();
        await ask(max, '/v1/networks', { name: `cut-${i}` });
        await heard(`cut-${i}`);
        longest = Math.max(longest, performance.now() - begun);
      }
      const note = `the longest until an event came after one of ${ROUNDS * CUT_KINDS.length} cuts`;
      return { value: Math.round(longest), unit: 'ms', limit: 15_000, note };
    } finally {
      await socket.dispose();
      await proxy.close();
    }
  },
};

const COUNTS = answering(
  'counts',
  `let said = 0; server.on('request', () => { for (let i = 0; i < ${LINES}; i += 1) console.log('number ' + ++said); });`,
);

/** Every way in which the proxy fails. */
export const nothingIsLost: Line = {
  handoff: '2 → 3 communication',
  name: 'every failure scenario of the chaos proxy ends in a reconnect with nothing lost',
  async check({ max }) {
    const app = 'counted.chaos';
    await deploy(max, app, await writeNodeApp(join(max.home.dir, 'counted'), `${COUNTS}\nconsole.log('ready');\n`));
    let due = 0;
    const outcomes = await runThroughChaos(max, CHAOS_SCENARIOS, {
      args: () => ['logs', 'app', app, '--follow'],
      tells: 'stdout',
      first: /ready$/,
      happen: async () => {
        await askApp(max, app);
        due += LINES;
        return new RegExp(`number ${due}$`);
      },
    });
    const all = Array.from({ length: due }, (_, i) => i + 1);
    for (const [i, { scenario, told, recovered }] of outcomes.entries()) {
      assert.deepEqual(numbersIn(told), all, `${scenario}: a line is missing, or came twice`);
      assert.equal(recovered, CHAOS_SCENARIOS[i]?.strike !== undefined, `${scenario}: the follower did not say so`);
    }
    return { value: outcomes.length, unit: '', note: `scenarios, ${due} lines through each` };
  },
};

/** Who may connect, and with which token. */
export const tokenIsRenewed: Line = {
  handoff: '2 → 3 communication',
  name: 'auth context authorises the socket, and a renewed token is used on the next connect',
  async check({ max }) {
    const make = (name: string) =>
      ask<{ id: string; token: string }>(max, '/v1/tokens', { name, scopes: ['read', 'admin'] });
    const [first, second] = [await make('first'), await make('second')];
    const renewals: string[] = [];
    const common = { url: max.url, userAgent: 'handoff', signal: AbortSignal.timeout(60_000) };
    const nobody = createSocket({ ...common, token: async () => 'max_api_none' });
    const socket = createSocket({
      ...common,
      token: async () => first.token,
      onUnauthorized: async (rejected) => {
        renewals.push(rejected);
        return second.token;
      },
    });
    try {
      await assert.rejects(nobody.join(await topicOf(max)), { code: 'RIG_NOT_SIGNED_IN' });
      const heard = await follow(max, socket);
      await assert.rejects(socket.join('user:somebody-else'), { code: 'RIG_FORBIDDEN' });
      assert.deepEqual(renewals, []);
      await ask(max, `/v1/tokens/${first.id}`, {}, 'DELETE');
      await ask(max, '/v1/networks', { name: 'renewed' });
      await heard('renewed');
      assert.deepEqual(renewals, [first.token]);
      return undefined;
    } finally {
      await nobody.dispose();
      await socket.dispose();
    }
  },
};
