import type { Services } from '@rig/plugin-api';
import type { SessionEnd } from '@rig/plugin-api/max';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CaptureRoom } from '../../../../plugins/ssh/src/command/captured.ts';
import { type CommandOutput, followSession } from '../../../../plugins/ssh/src/command/follow-session.ts';
import { Interrupts } from '../../../../plugins/ssh/src/session/interrupts.ts';
import { PeerSession, type ServedSessions, serveSessions, sessionOf, until } from '../session/session-peer.ts';

let served: ServedSessions;
beforeAll(async () => {
  served = await serveSessions();
});
afterAll(() => served.close());

let count = 0;
/** Follows a command without anything for its standard input; `ended` are the sessions that Max was asked to end. */
function follow(options: { leaves?: boolean; detached?: boolean; output?: Partial<CommandOutput> } = {}) {
  const { leaves = false, detached = false, output = {} } = options;
  count += 1;
  const id = `ses_followed_${count}`;
  const peer = new PeerSession();
  served.sessions.set(id, peer);
  const ended: string[] = [];
  const http = { request: async (method: string, path: string) => void ended.push(`${method} ${path}`) };
  const services = served.services();
  const asked = { ...services, onSignal: () => () => {}, http: async () => http } as unknown as Services;
  const end: Promise<SessionEnd> = followSession({
    services,
    session: { ...sessionOf(`session:${id}`), detached },
    output: { stdout: () => {}, stderr: () => {}, ...output },
    stdin: undefined,
    interrupts: new Interrupts(asked, leaves),
  });
  const finish = (): void => {
    peer.closeStream('stdout');
    peer.closeStream('stderr');
    peer.finish();
  };
  return { id, peer, end, ended, finish };
}

test('a command of its own without input is told that there is none', async () => {
  for (const options of [{}, { leaves: true, detached: true }]) {
    const { peer, end, finish } = follow(options);
    await until(peer, () => peer.stdinEnd === 0);
    finish();
    expect((await end).code).toBe(0);
  }
});

test('who attaches to the command of another client does not end the input that this one gives it', async () => {
  const { peer, end, finish } = follow({ leaves: true });
  await until(peer, () => peer.joins.length === 1);
  peer.write(Buffer.alloc(peer.window));
  // What comes is acknowledged after whatever was said at the join.
  await until(peer, () => peer.acks.length > 0);
  expect(peer.told).toEqual([]);
  finish();
  expect((await end).code).toBe(0);
});

test('a command that writes more than is kept is ended; of another client it is left alone', async () => {
  for (const leaves of [false, true]) {
    const room = new CaptureRoom(undefined, 1000);
    const { id, peer, end, ended } = follow({ leaves, output: { stdout: (bytes) => room.take(bytes.length) } });
    await until(peer, () => peer.joins.length === 1);
    peer.write(Buffer.alloc(2000));
    await expect(end).rejects.toMatchObject({ code: 'RIG_OUTPUT_TOO_LARGE' });
    expect(ended).toEqual(leaves ? [] : [`DELETE /v1/sessions/${id}`]);
  }
});
