import { afterEach, describe, expect, it } from 'vitest';
import { client, failure, json, type Served, serve } from './serve.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
const open: Array<{ dispose(): void } | { close(): Promise<void> }> = [];
const track = <T extends (typeof open)[number]>(thing: T): T => {
  open.push(thing);
  return thing;
};
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await ('close' in thing ? thing.close() : thing.dispose());
});
const talk = async (
  handler: Parameters<typeof serve>[0],
  options = {},
): Promise<{ served: Served; http: ReturnType<typeof client> }> => {
  const served = track(await serve(handler));
  return { served, http: track(client(served.url, options)) };
};

describe('a good answer', () => {
  it('gives data, ETag, request id and headers', async () => {
    const { served, http } = await talk((_, response) =>
      json(response, 200, { name: 'shop' }, { etag: '"a1"', 'x-more': 'yes' }),
    );
    const reply = await http.request<{ name: string }>('GET', '/v1/networks/shop', {
      query: { limit: 3, left: undefined },
    });
    expect(reply).toMatchObject({ status: 200, data: { name: 'shop' }, etag: '"a1"', requestId: 'req_1' });
    expect(reply.header('X-More')).toBe('yes');
    expect(served.asked[0]?.url).toBe('/v1/networks/shop?limit=3');
    expect(served.asked[0]?.headers).toMatchObject({
      authorization: 'Bearer sentinel-access-token',
      'user-agent': 'rig/test',
    });
  });

  it('keeps the path prefix of the server', async () => {
    const served = track(await serve((_, response) => json(response, 200, {})));
    await track(client(`${served.url}/max/eu/`)).get('/v1/whoami');
    expect(served.asked[0]?.url).toBe('/max/eu/v1/whoami');
  });

  it('sends JSON with its type, an idempotency key and If-Match', async () => {
    let body = '';
    const { served, http } = await talk(async (request, response) => {
      for await (const part of request) body += part;
      json(response, 201, { ok: true });
    });
    await http.post('/v1/networks', { json: { name: 'shop' }, idempotencyKey: true, ifMatch: '"a"' });
    expect(JSON.parse(body)).toEqual({ name: 'shop' });
    expect(served.asked[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'if-match': '"a"' });
    expect(served.asked[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('has no data where there is no body', async () => {
    const { http } = await talk((_, response) => json(response, 204, undefined));
    expect((await http.request('DELETE', '/v1/networks/shop')).data).toBeUndefined();
  });
});

describe('pages', () => {
  const items = Array.from({ length: 7 }, (_, i) => i);
  const handler: Parameters<typeof serve>[0] = (request, response) => {
    const from = Number(new URL(request.url ?? '', 'http://x').searchParams.get('cursor') ?? 0);
    json(response, 200, {
      items: items.slice(from, from + 3),
      next: from + 3 < items.length ? String(from + 3) : null,
    });
  };

  it('gives every item of every page', async () => {
    const { served, http } = await talk(handler);
    expect(await all(http.pages<number>('/v1/apps', { limit: 3 }))).toEqual(items);
    expect(served.asked).toHaveLength(3);
    expect(served.asked[1]?.url).toBe('/v1/apps?limit=3&cursor=3');
  });

  it('asks no further than the consumer goes', async () => {
    const { served, http } = await talk(handler);
    for await (const item of http.pages<number>('/v1/apps')) if (item === 1) break;
    expect(served.asked).toHaveLength(1);
  });

  it.each([
    ['no items', { next: null }],
    ['a cursor that comes back for ever', { items: [1], next: 'again' }],
  ])('refuses %s', async (_, page) => {
    const { http } = await talk((_request, response) => json(response, 200, page));
    const error = await failure(all(http.pages('/v1/apps')));
    expect(error).toMatchObject({ code: 'RIG_BAD_ANSWER' });
  });
});

describe('a problem document', () => {
  it.each([
    [400, 'RIG_BAD_REQUEST', 2],
    [401, 'RIG_NOT_SIGNED_IN', 4],
    [403, 'RIG_FORBIDDEN', 4],
    [404, 'RIG_APP_NOT_FOUND', 3],
    [409, 'RIG_NAME_TAKEN', 5],
    [412, 'RIG_STALE', 5],
    [422, 'RIG_BAD_NAME', 2],
    [422, 'RIG_IDEMPOTENCY_CONFLICT', 5],
    [422, 'RIG_DIGEST_MISMATCH', 1],
    [429, 'RIG_BUSY', 6],
    [500, 'RIG_INTERNAL', 1],
    [503, 'RIG_BUSY', 6],
    [504, 'RIG_BUSY', 7],
    [507, 'RIG_STORAGE_FULL', 1],
  ])('%i %s ends with %i', async (status, code, exitCode) => {
    const { http } = await talk((_, response) =>
      json(response, status, {
        type: 'about:blank',
        status,
        title: 't',
        detail: 'what happened',
        code,
        requestId: 'req_7',
        fix: 'do this',
      }),
    );
    expect(await failure(http.get('/v1/apps'))).toMatchObject({
      code,
      exitCode,
      message: 'what happened',
      hint: 'do this',
      requestId: 'req_7',
    });
  });

  it('says when to come back', async () => {
    const { http } = await talk((_, response) =>
      json(
        response,
        429,
        { title: 't', detail: 'too much', code: 'RIG_BUSY', requestId: 'r' },
        { 'retry-after': '12' },
      ),
    );
    expect(await failure(http.get('/v1/apps'))).toMatchObject({
      hint: 'try again in 12 s',
      details: { retryAfter: 12 },
    });
  });

  it('cannot write to the terminal', async () => {
    const { http } = await talk((_, response) =>
      json(response, 404, {
        title: 't',
        detail: 'no \u001b[31mapp\u001b]0;owned\u0007\r\nx\u009b1m',
        code: 'RIG_APP_NOT_FOUND',
        requestId: 'r\n',
      }),
    );
    const { message, requestId } = await failure(http.get('/v1/apps'));
    expect(message).toBe('no app x 1m');
    expect(requestId).toBe('r');
  });

  it('signs in by a pasteable command after 401', async () => {
    const { served, http } = await talk((_, response) =>
      json(response, 401, { title: 't', detail: 'the token has expired', code: 'RIG_NOT_SIGNED_IN', requestId: 'r' }),
    );
    const { hint } = await failure(http.get('/v1/apps'));
    expect(hint).toBe(`sign in with: rig max token | rig login --server ${served.url} --token-stdin`);
  });
});

describe('an answer that is not of this Max', () => {
  it("is RIG_BAD_ANSWER for a proxy's page, with status and type", async () => {
    const { http } = await talk((_, response) => {
      response.writeHead(502, { 'content-type': 'text/html; charset=utf-8' });
      response.end('<h1>Bad gateway</h1>');
    });
    const error = await failure(http.get('/v1/apps'));
    expect(error).toMatchObject({
      code: 'RIG_BAD_ANSWER',
      exitCode: 6,
      details: { status: 502, contentType: 'text/html' },
    });
    expect(error.message).toContain('502 and text/html');
  });

  it('is RIG_NOT_MAX where a good answer lacks the header', async () => {
    const { served, http } = await talk((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<h1>Welcome</h1>');
    });
    const error = await failure(http.get('/v1/apps'));
    expect(error.code).toBe('RIG_NOT_MAX');
    expect(error.message).toContain(served.url);
  });

  it.each([
    ['2', 'update rig'],
    ['0.9', 'update that Max'],
  ])('is RIG_MAX_VERSION for version %s', async (version, mending) => {
    const { http } = await talk((_, response) => json(response, 200, {}, { 'max-api': version }));
    const error = await failure(http.get('/v1/apps'));
    expect(error.code).toBe('RIG_MAX_VERSION');
    expect(error.message).toContain(`version ${version}`);
    expect(error.hint).toContain(mending);
  });

  it('takes a minor version of its own major', async () => {
    const { http } = await talk((_, response) => json(response, 200, { fine: true }, { 'max-api': '1.4' }));
    expect(await http.get('/v1/apps')).toEqual({ fine: true });
  });

  it.each([
    ['broken JSON', 200, 'application/json', '{"a":'],
    ['HTML', 200, 'text/html', '<p>'],
    ['an error that is no problem document', 500, 'application/json', '{"oops":1}'],
  ])('is RIG_BAD_ANSWER for %s of a Max', async (_, status, type, body) => {
    const { http } = await talk((_request, response) => {
      response.writeHead(status, { 'max-api': '1', 'content-type': type, 'x-request-id': 'req_9' });
      response.end(body);
    });
    expect(await failure(http.get('/v1/apps'))).toMatchObject({ code: 'RIG_BAD_ANSWER', requestId: 'req_9' });
  });
});

describe('a redirect', () => {
  it('is refused, named without its query, and gets no request', async () => {
    const other = track(await serve((_, response) => json(response, 200, {})));
    const { http } = await talk((_, response) => {
      response.writeHead(307, { 'max-api': '1', location: `${other.url}/else?secret=abc` });
      response.end();
    });
    const error = await failure(http.get('/v1/apps'));
    expect(error.code).toBe('RIG_REDIRECT');
    expect(error.message).toContain(`${other.url}/else`);
    expect(error.message).not.toContain('abc');
    expect(other.asked).toHaveLength(0);
  });

  it('without a usable place says so', async () => {
    const { http } = await talk((_, response) => {
      response.writeHead(302, { location: 'javascript:alert(1)' });
      response.end();
    });
    expect((await failure(http.get('/v1/apps'))).message).toContain('no usable URL');
  });
});
