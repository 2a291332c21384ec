import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { type RunningMax, startMax } from '../support/max.ts';
import { rig } from '../support/rig.ts';
import { startWebDashboard, type WebDashboard } from '../support/web-dashboard.ts';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

let max: RunningMax;
let dashboard: WebDashboard;
beforeAll(async () => {
  max = await startMax();
  dashboard = await startWebDashboard(max.home);
});
afterAll(async () => {
  await dashboard.interrupt();
  await max.stop();
});

function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; host?: string } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body, host = '127.0.0.1' } = options;
  return new Promise((resolve, reject) => {
    const asked = request({ host, port: dashboard.port, path, method, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** The status that an upgrade is refused with; 101 where it is not. */
function upgrade(headers: Record<string, string>, protocols: string[] = [], path = '/live'): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${dashboard.origin.replace('http', 'ws')}${path}`, protocols, { headers });
    socket.on('unexpected-response', (_request, answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    socket.on('open', () => {
      resolve(101);
      socket.terminate();
    });
    socket.on('error', reject);
  });
}

const tokenOf = (link: string): string => new URLSearchParams(new URL(link).hash.slice(1)).get('token') as string;

/** Uses a link as the page does; gives both halves of the session. */
async function enter(link: string): Promise<{ cookie: string; key: string }> {
  const { status, headers, body } = await ask('/session', { method: 'POST', body: tokenOf(link) });
  expect(status).toBe(200);
  return {
    cookie: String(headers['set-cookie']).split(';')[0] as string,
    key: (JSON.parse(body) as { key: string }).key,
  };
}

let links = 0;
const nextLink = (): Promise<string> => dashboard.link(links++);

describe('rig status dashboard --web', () => {
  test('serves the page without a cookie, with a policy that lets nothing in from elsewhere', async () => {
    const { status, headers, body } = await ask('/');
    expect(status).toBe(200);
    expect(body).not.toContain(max.token);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(body).not.toMatch(/<script>|<style|style="|onerror|https?:\/\//);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect((await ask('/../../etc/passwd')).status).toBe(404);
    expect((await ask('/', { method: 'POST' })).status).toBe(405);
  });

  test('the cookie is for this server alone, and neither half of a session is enough', async () => {
    const link = await nextLink();
    const { headers } = await ask('/session', { method: 'POST', body: 'wrong' });
    expect(headers['set-cookie']).toBeUndefined();
    const answer = await ask('/session', { method: 'POST', body: tokenOf(link) });
    expect(String(answer.headers['set-cookie'])).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    const cookie = String(answer.headers['set-cookie']).split(';')[0] as string;
    const { key } = JSON.parse(answer.body) as { key: string };
    const ways: Array<Record<string, string>> = [{}, { cookie }, { 'rig-dashboard-key': key }];
    for (const headers of ways) expect((await ask('/session', { headers })).status).toBe(401);
    expect((await ask('/session', { headers: { cookie, 'rig-dashboard-key': key } })).status).toBe(200);
    const again = await ask('/session', { method: 'POST', body: tokenOf(link) });
    expect([again.status, again.body]).toEqual([401, '{"why":"used"}']);
  });

  test('the live connection is for our own page: any other name, origin or key is refused', async () => {
    const { cookie, key } = await enter(await nextLink());
    const origin = dashboard.origin;
    const own = { cookie, origin };
    const protocols = ['rig-dashboard', `key.${key}`];
    expect(await upgrade(own, protocols)).toBe(101);
    expect(await upgrade({ origin }, protocols)).toBe(401);
    expect(await upgrade(own, ['rig-dashboard', 'key.wrong'])).toBe(401);
    expect(await upgrade(own, ['rig-dashboard'])).toBe(401);
    expect(await upgrade({ ...own, origin: 'http://evil.example' }, protocols)).toBe(403);
    expect(await upgrade({ cookie }, protocols)).toBe(403);
    expect(await upgrade({ ...own, host: `evil.example:${dashboard.port}` }, protocols)).toBe(421);
    expect(await upgrade(own, protocols, '/other')).toBe(404);
  });

  test('an upgrade that is refused is closed on both sides, and one that breaks off ends nothing else', async () => {
    const refused = async (): Promise<Socket> => {
      const socket = connect({ port: dashboard.port, host: '127.0.0.1', allowHalfOpen: true });
      socket.write(
        `GET /other HTTP/1.1\r\nhost: 127.0.0.1:${dashboard.port}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
      );
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(String(answer)).toMatch(/^HTTP\/1\.1 404 /);
      return socket;
    };
    for (let i = 0; i < 5; i += 1) (await refused()).resetAndDestroy();
    const socket = await refused();
    const closed = new Promise<void>((resolve) => {
      socket.on('error', () => {});
      socket.on('close', () => resolve());
    });
    // A client that does not close hears by what it goes on to write that nobody is there.
    const write = (): void => void socket.write('more', (error) => error ?? setImmediate(write));
    write();
    await closed;
    expect((await ask('/')).status).toBe(200);
  });

  test('answers under names of this machine alone, so that a name that was pointed here reaches nothing', async () => {
    const at = (host: string): Promise<Answer> => ask('/', { headers: { host } });
    const { port } = dashboard;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
      expect((await at(host)).status).toBe(200);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      `127.0.0.1:${port + 1}`,
      `127.0.0.1.evil.example:${port}`,
      '127.0.0.1',
    ])
      expect((await at(host)).status, host).toBe(421);
    const token = tokenOf(await dashboard.link(links));
    const foreign: Array<Record<string, string>> = [
      { origin: 'http://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of foreign)
      expect((await ask('/session', { method: 'POST', body: token, headers })).status).toBe(403);
    expect((await ask('/session', { method: 'POST', body: 'x'.repeat(5000) })).status).toBe(413);
    expect((await ask('/session', { method: 'DELETE' })).status).toBe(405);
    await enter(await nextLink());
  });

  test('a tab can ask to see, and nothing else: what is no such question ends it', async () => {
    const { cookie, key } = await enter(await nextLink());
    const tab = (): WebSocket =>
      new WebSocket(`${dashboard.origin.replace('http', 'ws')}/live`, ['rig-dashboard', `key.${key}`], {
        headers: { cookie, origin: dashboard.origin },
      });
    for (const said of [
      '{"type":"delete","app":"x"}',
      'null',
      '{',
      '{"type":"show","view":1,"app":{"network":"../..","app":"x"}}',
    ]) {
      const socket = tab();
      const closed = new Promise<number>((resolve) => socket.on('close', resolve));
      socket.on('open', () => socket.send(said));
      expect(await closed, said).toBe(1008);
    }
    const socket = tab();
    const hello = await new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
    expect(JSON.parse(hello)).toMatchObject({ type: 'hello', server: max.url, context: 'local' });
    expect(hello).not.toContain(max.token);
    socket.terminate();
  });

  test('a port that is taken, or is none, is refused with what mends it; options of --web want --web', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const taken = await rig(max.home, ['status', 'dashboard', '--web', '--port', String(port)]);
    await new Promise((resolve) => other.close(resolve));
    expect([taken.exitCode, taken.stdout]).toEqual([5, '']);
    expect(taken.stderr).toContain('RIG_PORT_TAKEN');
    expect(taken.stderr).toContain(String(port));
    for (const args of [['--web', '--port', '70000'], ['--port', '1'], ['--no-browser']]) {
      const { exitCode, stderr } = await rig(max.home, ['status', 'dashboard', ...args]);
      expect([exitCode, stderr], args.join(' ')).toEqual([2, expect.stringContaining('RIG_BAD_OPTION')]);
    }
  });
});
