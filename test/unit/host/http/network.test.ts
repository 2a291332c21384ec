import { getEventListeners } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { client, failure, json, serve } from './serve.ts';

const closing: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const connect = (url: string, options = {}): ReturnType<typeof client> => {
  const http = client(url, options);
  closing.push(() => http.dispose());
  return http;
};
const started = async (handler: Parameters<typeof serve>[0]): ReturnType<typeof serve> => {
  const served = await serve(handler);
  closing.push(() => served.close());
  return served;
};
/** A server below HTTP: `handler` gets each connection with its first bytes. */
async function raw(handler: (socket: net.Socket, count: number) => void): Promise<string> {
  let count = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', () => handler(socket, ++count));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const ANSWER = 'HTTP/1.1 200 OK\r\nmax-api: 1\r\ncontent-type: application/json\r\n';

describe('a server that cannot be reached', () => {
  it('refuses: exit 6, the server, and rig max up on this machine', async () => {
    const served = await serve(() => {});
    await served.close();
    const error = await failure(connect(served.url).get('/v1/apps'));
    expect(error).toMatchObject({ code: 'RIG_UNREACHABLE', exitCode: 6, hint: 'start it with: rig max up' });
    expect(error.message).toBe(`cannot reach Max at ${served.url}: the connection was refused, nothing listens there`);
  });

  it('has a name that nobody knows: the hint is about the choice of server', async () => {
    const error = await failure(connect('https://max.invalid').get('/v1/apps'));
    expect(error).toMatchObject({ code: 'RIG_UNREACHABLE', exitCode: 6 });
    expect(error.hint).toContain('RIG_SERVER');
  });

  it('cuts the connection before the answer', async () => {
    const url = await raw((socket) => socket.resetAndDestroy());
    expect(await failure(connect(url).get('/v1/apps'))).toMatchObject({
      code: 'RIG_UNREACHABLE',
      details: { cause: 'ECONNRESET' },
    });
  });

  it.each([
    ['with a length', 'content-length: 100\r\n\r\n{"a":1'],
    ['in chunks', 'transfer-encoding: chunked\r\n\r\n6\r\n{"a":1\r\n'],
  ])('cuts the connection in the middle of an answer %s', async (_, rest) => {
    const url = await raw((socket) => socket.end(ANSWER + rest));
    const error = await failure(connect(url).get('/v1/apps'));
    expect(error).toMatchObject({ code: 'RIG_UNREACHABLE', exitCode: 6 });
    expect(error.message).toContain('cut');
  });

  it('speaks something else', async () => {
    const url = await raw((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    expect((await failure(connect(url).get('/v1/apps'))).message).toContain('does not speak HTTP');
  });

  it('speaks http where https was asked', async () => {
    const served = await started((_, response) => json(response, 200, {}));
    const error = await failure(connect(served.url.replace('http:', 'https:')).get('/v1/apps'));
    expect(error).toMatchObject({ code: 'RIG_UNREACHABLE' });
    expect(error.hint).toContain(served.url);
  });
});

describe('a kept connection that the server closes as it is used again', () => {
  const flaky = (): Promise<string> =>
    raw((socket, count) => {
      if (count === 2) socket.resetAndDestroy();
      else socket.write(`${ANSWER}content-length: 2\r\n\r\n{}`);
    });

  it('is replaced for a GET, once', async () => {
    const http = connect(await flaky());
    await http.get('/v1/apps');
    expect(await http.get('/v1/apps')).toEqual({});
  });

  it('is a failure for a POST, which may have been done', async () => {
    const http = connect(await flaky());
    await http.get('/v1/apps');
    expect(await failure(http.post('/v1/networks', { json: {} }))).toMatchObject({ code: 'RIG_UNREACHABLE' });
  });
});

describe('a slow server', () => {
  it('that sends no head is RIG_TIMEOUT, exit 7', async () => {
    const served = await started(() => {});
    const error = await failure(connect(served.url).get('/v1/apps', { timeout: 50 }));
    expect(error).toMatchObject({ code: 'RIG_TIMEOUT', exitCode: 7 });
    expect(error.message).toContain(`${served.url} did not answer GET /v1/apps within 0.1 s`);
  });

  it('that stops in the middle of the body is RIG_TIMEOUT as well', async () => {
    const url = await raw((socket) => socket.write(`${ANSWER}content-length: 100\r\n\r\n{"a"`));
    expect(await failure(connect(url, { defaultTimeout: 50 }).get('/v1/apps'))).toMatchObject({ code: 'RIG_TIMEOUT' });
  });

  it('may take its time where no limit is set', async () => {
    const served = await started((_, response) => void setImmediate(() => json(response, 200, { ok: 1 })));
    expect(await connect(served.url, { defaultTimeout: 1 }).get('/v1/apps', { timeout: 0 })).toEqual({ ok: 1 });
  });
});

it('an answer without end is refused before memory is full', async () => {
  const block = Buffer.alloc(1024 * 1024, ' ');
  const served = await started((_, response) => {
    response.writeHead(200, { 'max-api': '1', 'content-type': 'application/json' });
    const more = (): void => {
      while (!response.destroyed && response.write(block));
    };
    response.on('drain', more);
    more();
  });
  const error = await failure(connect(served.url).get('/v1/apps'));
  expect(error).toMatchObject({ code: 'RIG_BAD_ANSWER' });
  expect(error.message).toContain('larger than 128 MiB');
});

describe('an interrupt', () => {
  it.each(['the command', 'the request'])('of %s ends a request with 130', async (whose) => {
    const control = new AbortController();
    const served = await started(() => control.abort());
    const http = connect(served.url, whose === 'the command' ? { signal: control.signal } : {});
    const work = http.get('/v1/apps', whose === 'the request' ? { signal: control.signal } : {});
    expect(await failure(work)).toMatchObject({ code: 'RIG_INTERRUPTED', exitCode: 130 });
  });

  it('before the request sends nothing', async () => {
    const served = await started((_, response) => json(response, 200, {}));
    expect(await failure(connect(served.url, { signal: AbortSignal.abort() }).get('/v1/apps'))).toMatchObject({
      exitCode: 130,
    });
    expect(served.asked).toHaveLength(0);
  });

  it('leaves no listener on a signal that lives long', async () => {
    const control = new AbortController();
    const served = await started((_, response) => json(response, 200, {}));
    const http = connect(served.url, { signal: control.signal });
    for (let i = 0; i < 3; i += 1) await http.get('/v1/apps');
    expect(getEventListeners(control.signal, 'abort')).toHaveLength(0);
  });
});

describe('dispose', () => {
  it('closes kept connections and ends what is under way', async () => {
    let asked: () => void = () => {};
    const second = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const served = await started((request, response) => {
      if (request.url === '/v1/apps') json(response, 200, {});
      else asked();
    });
    const http = client(served.url);
    await http.get('/v1/apps');
    const work = failure(http.get('/v1/never'));
    await second;
    http.dispose();
    expect(await work).toMatchObject({ code: 'RIG_INTERRUPTED' });
    const connections = await new Promise<number>((resolve) => {
      const look = (): void =>
        void served.server.getConnections((_, count) => (count === 0 ? resolve(count) : setImmediate(look)));
      look();
    });
    expect(connections).toBe(0);
  });
});
