import { type IncomingMessage, request, STATUS_CODES } from 'node:http';
import { type Duplex, pipeline } from 'node:stream';
import type { Errand, Outcome } from './forward.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import type { Target } from './target.ts';
import { joinTunnel } from './tunnel.ts';
import type { Tunnels } from './tunnels.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Passes an upgrade (WebSocket) on to an instance and joins the two connections. An instance that refuses is answered with
 * its own refusal. Where it `failed` the client has heard nothing.
 */
export function forwardUpgrade(
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: Target,
  { path, requestId, answered, tunnels }: Errand & { tunnels: Tunnels },
): Promise<Outcome> {
  return new Promise((resolve) => {
    const end = target.begin();
    const protocol = req.headers.upgrade ?? 'websocket';
    const out = request({
      host: target.host,
      port: target.port,
      method: req.method,
      path,
      headers: requestHeaders(req, requestId, protocol),
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
    });
    const onGone = (): void => {
      out.destroy();
      end();
      resolve({ kind: 'gone', begun: false });
    };
    socket.once('close', onGone);
    out.once('timeout', () => out.destroy(new Error('it took too long to answer the upgrade')));
    out.once('error', (error: NodeJS.ErrnoException) => {
      end();
      socket.off('close', onGone);
      resolve({ kind: 'failed', error, again: req.method === 'GET' || error.code === 'ECONNREFUSED' });
    });
    out.once('upgrade', (answer, upstream, upstreamHead) => {
      socket.off('close', onGone);
      upstream.setTimeout(0);
      upstream.setNoDelay(true);
      const agreed = answer.headers.upgrade ?? protocol;
      socket.write(headOf(answer, ['connection', 'Upgrade', 'upgrade', agreed]));
      answered(answer.statusCode ?? 101);
      if (head.length > 0) upstream.write(head);
      if (upstreamHead.length > 0) upstream.unshift(upstreamHead);
      const webSocket = agreed.toLowerCase() === 'websocket';
      joinTunnel({ client: socket, upstream, target, tunnels, webSocket, end });
      resolve({ kind: 'done' });
    });
    out.once('response', (answer) => {
      // A refusal: passed on, and the connection ends with it; one that breaks off must not look whole.
      socket.off('close', onGone);
      socket.write(headOf(answer, ['connection', 'close']));
      answered(answer.statusCode ?? 502);
      pipeline(answer, socket, end);
      resolve({ kind: 'done' });
    });
    out.end();
  });
}

function headOf(answer: IncomingMessage, connection: string[]): string {
  const status = answer.statusCode ?? 502;
  const headers = [...responseHeaders(answer.rawHeaders), ...connection];
  let text = `HTTP/1.1 ${status} ${answer.statusMessage || STATUS_CODES[status] || ''}\r\n`;
  for (let index = 0; index < headers.length; index += 2) text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${text}\r\n`;
}
