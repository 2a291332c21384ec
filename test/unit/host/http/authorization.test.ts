import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { client, failure, json, serve } from './serve.ts';

const closing: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const talk = async (handler: Parameters<typeof serve>[0], options = {}) => {
  const served = await serve(handler);
  const http = client(served.url, options);
  closing.push(
    () => served.close(),
    () => http.dispose(),
  );
  return { served, http };
};
const unauthorized = { title: 't', detail: 'no', code: 'RIG_NOT_SIGNED_IN', requestId: 'r' };

describe('a refused token', () => {
  const accepting =
    (good: string): Parameters<typeof serve>[0] =>
    async (request, response) => {
      for await (const _ of request);
      if (request.headers.authorization === `Bearer ${good}`) json(response, 200, { ok: true });
      else json(response, 401, unauthorized);
    };

  it.each([
    ['JSON', { json: { a: 1 } }],
    ['bytes', { body: Buffer.from('abc') }],
  ])('is renewed, and the request sent once more with its %s', async (_, options) => {
    const rejected: string[] = [];
    const onUnauthorized = async (token: string): Promise<string> => {
      rejected.push(token);
      return 'second';
    };
    const { served, http } = await talk(accepting('second'), { token: async () => 'first', onUnauthorized });
    expect(await http.post('/v1/networks', options)).toEqual({ ok: true });
    expect(rejected).toEqual(['first']);
    expect(served.asked).toHaveLength(2);
  });

  it('is not renewed twice', async () => {
    let renewals = 0;
    const onUnauthorized = async (): Promise<string> => `again-${++renewals}`;
    const { served, http } = await talk(accepting('never'), { onUnauthorized });
    expect(await failure(http.get('/v1/apps'))).toMatchObject({ code: 'RIG_NOT_SIGNED_IN', exitCode: 4 });
    expect({ renewals, asked: served.asked.length }).toEqual({ renewals: 1, asked: 2 });
  });

  it('is not renewed because of a server that is no Max', async () => {
    let renewals = 0;
    const onUnauthorized = async (): Promise<string> => `again-${++renewals}`;
    const { http } = await talk(
      (_, response) => {
        response.writeHead(401, { 'content-type': 'text/html' });
        response.end('who are you?');
      },
      { onUnauthorized },
    );
    expect(await failure(http.get('/v1/apps'))).toMatchObject({ code: 'RIG_BAD_ANSWER' });
    expect(renewals).toBe(0);
  });
});

describe('what a token is never sent to', () => {
  it('another machine without TLS', async () => {
    const http = client('http://max.example.com');
    expect(await failure(http.get('/v1/apps'))).toMatchObject({ code: 'RIG_INSECURE_SERVER', exitCode: 2 });
  });

  it.each(['.evil.example/x', 'v1/apps', '@evil.example/', '/v1/../../x', '/v1/%2e%2e/x', '/v1\\x'])(
    'the path %s',
    async (path) => {
      const { served, http } = await talk((_, response) => json(response, 200, {}));
      await expect(http.get(path)).rejects.toThrow('not a path of Max');
      expect(served.asked).toHaveLength(0);
    },
  );
});

describe('headers', () => {
  it('of taps are sent, and authorization comes after them', async () => {
    let seen: Record<string, string> = {};
    const tapRequest = async (head: { method: string; path: string; headers: Record<string, string> }) => {
      seen = { ...head.headers };
      return { ...head, headers: { ...head.headers, 'X-Trace': 'abc' } };
    };
    const { served, http } = await talk((_, response) => json(response, 200, {}), { tapRequest });
    await http.get('/v1/apps', { headers: { 'X-Own': '1' } });
    expect(seen).toEqual({ 'x-own': '1' });
    expect(served.asked[0]?.headers).toMatchObject({
      'x-trace': 'abc',
      'x-own': '1',
      authorization: 'Bearer sentinel-access-token',
    });
  });

  it.each(['authorization', 'Authorization', 'cookie', 'Host', 'transfer-encoding'])('cannot set %s', async (name) => {
    const { served, http } = await talk((_, response) => json(response, 200, {}), {
      tapRequest: async (head: { headers: Record<string, string> }) => ({
        ...head,
        headers: { [name]: 'stolen-value' },
      }),
    });
    const error = await failure(http.get('/v1/apps'));
    expect(error).toMatchObject({ code: 'RIG_HEADER_REFUSED', exitCode: 8 });
    expect(inspect(error)).not.toContain('stolen-value');
    expect(await failure(http.get('/v1/apps', { headers: { [name]: 'stolen-value' } }))).toMatchObject({
      code: 'RIG_HEADER_REFUSED',
    });
    expect(served.asked).toHaveLength(0);
  });

  it('cannot break out of their line', async () => {
    const { http } = await talk((_, response) => json(response, 200, {}));
    const error = await failure(http.get('/v1/apps', { headers: { 'x-a': 'b\r\nauthorization: c' } }));
    expect(error).toMatchObject({ code: 'RIG_HEADER_REFUSED' });
  });
});

describe('an error of any kind', () => {
  it('holds no token, no body and no header', async () => {
    const secrets = ['sentinel-access-token', 'sentinel-body', 'sentinel-header'];
    const send = { json: { password: 'sentinel-body' }, headers: { 'x-key': 'sentinel-header' } };
    const answers: Array<Parameters<typeof serve>[0]> = [
      (_, response) => json(response, 401, unauthorized),
      (_, response) => json(response, 500, { oops: true }),
      (_, response) => void response.writeHead(302, { location: '/x' }).end(),
      (_, response) => void response.socket?.destroy(),
      (_, response) => void response.writeHead(200, { 'max-api': '7' }).end(),
    ];
    for (const answer of answers) {
      const { http } = await talk(answer);
      const error = await failure(http.post('/v1/networks', send));
      expect(error.code).toMatch(/^RIG_/);
      const shown = inspect(error, { depth: 10, showHidden: true });
      for (const secret of secrets) expect(shown).not.toContain(secret);
    }
  });
});
