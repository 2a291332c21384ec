import { connect, createServer, type Socket } from 'node:net';
import { platform } from 'node:os';
import { describe, expect, test } from 'vitest';
import { isForeign, procAddress, userOf } from '../../../../plugins/dashboard/src/web/peer-user.ts';

describe('whose connection it is', () => {
  test('writes addresses as the system lists them', () => {
    expect(procAddress('127.0.0.1', 8080)).toBe('0100007F:1F90');
    expect(procAddress('::1', 80)).toBe(`${'0'.repeat(24)}01000000:0050`);
    expect(procAddress('', 80)).toBeUndefined();
  });

  test.skipIf(platform() !== 'linux')('finds our own user at the other end', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const client = connect((server.address() as { port: number }).port, '127.0.0.1');
    const socket = await accepted;
    expect(await userOf(socket)).toBe(process.getuid?.());
    expect(await isForeign(socket)).toBe(false);
    client.destroy();
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
