import { type IncomingMessage, request, STATUS_CODES } from 'node:http';
import { type Duplex, pipeline } from 'node:stream';
import { requestHeaders, responseHeaders } from './headers.ts';
import type { Target } from './target.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Passes an upgrade (WebSocket) on to an instance and joins the two connections. An instance that refuses is answered with
 * its own refusal.
 *
 * @returns the error where the instance could not be asked; the client has heard nothing then
 */
export function forwardUpgrade(
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: Target,
  path: string,
  requestId: string,
): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const end = target.begin();
    let settled = false;
    const settle = (error?: Error): void => {
      if (settled) return;
      settled = true;
      resolve(error);
    };
    const out = request({
      host: target.host,
      port: target.port,
      method: req.method,
      path,
      headers: requestHeaders(req, requestId, req.headers.upgrade ?? 'websocket'),
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
    });
    const onGone = (): void => {
      out.destroy();
      end();
      settle();
    };
    socket.once('close', onGone);
    socket.on('error', () => socket.destroy());
    out.once('timeout', () => out.destroy(new Error('it took too long to answer the upgrade')));
    out.once('error', (error) => {
      end();
      socket.off('close', onGone);
      settle(error);
    });
    out.once('upgrade', (answer, upstream, upstreamHead) => {
      socket.off('close', onGone);
      upstream.setTimeout(0);
      upstream.setNoDelay(true);
      socket.write(headOf(answer, ['connection', 'Upgrade', 'upgrade', answer.headers.upgrade ?? 'websocket']));
      if (upstreamHead.length > 0) socket.write(upstreamHead);
      if (head.length > 0) upstream.write(head);
      target.hold(socket);
      join(socket, upstream, end);
      settle();
    });
    out.once('response', (answer) => {
      // A refusal: passed on, and the connection ends with it; one that breaks off must not look whole.
      socket.off('close', onGone);
      socket.write(headOf(answer, ['connection', 'close']));
      pipeline(answer, socket, end);
      settle();
    });
    out.end();
  });
}

/** Bytes both ways until either side is done; `end` once, when both are closed. */
function join(client: Duplex, upstream: Duplex, end: () => void): void {
  client.pipe(upstream);
  upstream.pipe(client);
  const cut = (): void => {
    client.destroy();
    upstream.destroy();
    end();
  };
  for (const side of [client, upstream]) {
    side.on('error', cut);
    side.once('close', cut);
  }
}

function headOf(answer: IncomingMessage, connection: string[]): string {
  const status = answer.statusCode ?? 502;
  const headers = [...responseHeaders(answer.rawHeaders), ...connection];
  let text = `HTTP/1.1 ${status} ${answer.statusMessage || STATUS_CODES[status] || ''}\r\n`;
  for (let index = 0; index < headers.length; index += 2) text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${text}\r\n`;
}
