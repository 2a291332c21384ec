import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What is asked, over and over. */
export interface Load {
  port: number;
  /** The Host header. */
  host: string;
  /** Connections, each with one request under way at any time. */
  connections: number;
  seconds: number;
}

/** How a server bore it. */
export interface Borne {
  requestsPerSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** Reads one answer after the other from a connection; fails for anything but 200 with a length. */
class Answers {
  #kept: Buffer = Buffer.alloc(0);
  #left = 0;

  /** Takes what came in; gives whether an answer is whole now. */
  take(data: Buffer): boolean {
    let bytes = data;
    if (this.#left === 0) {
      bytes = this.#kept.length === 0 ? data : Buffer.concat([this.#kept, data]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end === -1) {
        this.#kept = bytes;
        return false;
      }
      const head = bytes.toString('latin1', 0, end);
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
      if (!head.startsWith('HTTP/1.1 200 ') || length === undefined) throw new Error(`a wrong answer: ${head}`);
      this.#kept = Buffer.alloc(0);
      this.#left = end + 4 + Number(length);
    }
    this.#left -= bytes.length;
    if (this.#left < 0) throw new Error('more came than was asked for');
    return this.#left === 0;
  }
}

/** Asks on one connection until the time is over; gives how many milliseconds each answer took. */
async function ask(socket: Socket, request: Buffer, until: number): Promise<number[]> {
  const times: number[] = [];
  const answers = new Answers();
  await new Promise<void>((resolve, reject) => {
    let begun = 0;
    const next = (): void => {
      begun = performance.now();
      if (begun >= until) resolve();
      else socket.write(request);
    };
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed under load')));
    socket.on('data', (data) => {
      try {
        if (!answers.take(data)) return;
      } catch (error) {
        reject(error);
        return;
      }
      times.push(performance.now() - begun);
      next();
    });
    next();
  });
  return times;
}

/** Puts a server under load by requests over plain kept connections: as little work as can be beside the server's own. */
export async function putUnderLoad({ port, host, connections, seconds }: Load): Promise<Borne> {
  const sockets = Array.from({ length: connections }, () => connect({ port, host: '127.0.0.1', noDelay: true }));
  try {
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const request = Buffer.from(`GET / HTTP/1.1\r\nhost: ${host}\r\naccept: */*\r\nuser-agent: bench\r\n\r\n`);
    const begun = performance.now();
    const all = await Promise.all(sockets.map((socket) => ask(socket, request, begun + seconds * 1000)));
    const took = (performance.now() - begun) / 1000;
    const times = all.flat().sort((a, b) => a - b);
    const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] as number;
    return { requestsPerSecond: times.length / took, p50: at(0.5), p99: at(0.99) };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}
