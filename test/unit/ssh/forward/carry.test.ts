import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { carry } from '../../../../plugins/ssh/src/forward/carry.ts';
import { joinSession } from '../../../../plugins/ssh/src/session/index.ts';
import { PeerSession, serveSessions } from '../session/session-peer.ts';

test('a connection that is waited for again and again has no more listeners than before', async () => {
  const served = await serveSessions();
  const peer = new PeerSession(1_000_000);
  served.sessions.set('ses_carried', peer);
  const link = await joinSession(served.services(), 'ses_carried');
  let [most, writes, bytes] = [0, 0, 0];
  // Its reader is slow: each piece is waited for.
  const socket = new Duplex({
    writableHighWaterMark: 1,
    read: () => {},
    write: (piece: Buffer, _, done) => {
      writes += 1;
      bytes += piece.length;
      most = Math.max(most, socket.listenerCount('close'));
      setImmediate(done);
    },
    final: (done) => {
      socket.push(null);
      done();
    },
  });
  const carried = carry(socket as unknown as Socket, link);
  const before = socket.listenerCount('close');
  peer.write(Buffer.alloc(500_000));
  peer.closeStream('stdout');
  await carried;
  expect(bytes).toBe(500_000);
  expect(writes).toBeGreaterThan(20);
  expect(most).toBeLessThanOrEqual(before + 2);
  peer.finish();
  await served.close();
});
