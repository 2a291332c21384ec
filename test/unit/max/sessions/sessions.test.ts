import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSessions, type SessionKit, SHELL } from './kit.ts';

let max: SessionKit;
beforeAll(async () => {
  max = await openSessions();
});
afterAll(() => max.remove());

test('a command has streams apart, and its exit code', async () => {
  const { client, end } = await max.run(['sh', '-c', 'cat; echo oops >&2; exit 7'], 'hello');
  expect(client.text).toBe('hello');
  expect(client.stderr.bytes.toString()).toBe('oops\n');
  expect([client.stdout.eof, client.stderr.eof]).toEqual([5, 5]);
  expect(end).toMatchObject({ reason: 'exited', code: 7, signal: null });
});

test('a shell is a terminal with the prompt of its instance, and ends with its exit code', async () => {
  const client = await max.open(SHELL);
  await client.untilText('api.shop web.1 ');
  client.write('stty size; tty; echo $TERM\n');
  await client.untilText(/24 80\r\n\/dev\/pts\/\d+\r\nxterm-256color/);
  client.write('exit 3\n');
  expect(await client.untilEnd()).toMatchObject({ reason: 'exited', code: 3, signal: null });
});

test('a command may open /dev/stdout and /dev/stderr', async () => {
  const { client, end } = await max.run(['sh', '-c', 'cat > /dev/stdout; echo oops > /dev/stderr'], 'hello');
  expect([client.text, client.stderr.bytes.toString(), end.code]).toEqual(['hello', 'oops\n', 0]);
});
