import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { FrameMeter } from './frame-meter.ts';

const protocolError = 1002;
const invalidData = 1007;
const tooBig = 1009;

/**
 * The server's end of a WebSocket, with the close codes of the protocol: a client's close is always answered by 1000,
 * and a close frame that makes no sense by 1002.
 */
export class PeerSocket extends WebSocket {
  /** Called when the client closes; `answer` sends our close frame. Without it the answer goes out at once. */
  onPeerClose: ((answer: () => void) => void) | undefined;
  /** Called with the number of frames whose beginning came in. */
  onFrames: ((count: number) => void) | undefined;
  /** When bytes last came from the client. */
  heardAt = Date.now();
  #decided = false;
  #sawCloseFrame = false;

  /** Whether our close frame is out, so that whatever still comes in is to be dropped. */
  get ending(): boolean {
    return this.#decided || this.readyState !== WebSocket.OPEN;
  }

  /** Watches the bytes of the connection: `limit` is what one frame may have, header included. */
  watch(stream: Duplex, limit: number): void {
    const meter = new FrameMeter(limit);
    // Before the listener of `ws`, so that a frame too big is refused before any of it is read.
    stream.prependListener('data', (chunk: Buffer) => {
      this.heardAt = Date.now();
      if (this.#sawCloseFrame) return;
      const seen = meter.feed(chunk);
      if (seen.close) this.#sawCloseFrame = true;
      if (seen.frames > 0) this.onFrames?.(seen.frames);
      if (seen.oversized) this.end(tooBig);
    });
  }

  /** Closes from our side. */
  end(code: number): void {
    if (this.#decided) return;
    this.#decided = true;
    super.close(code);
  }

  /**
   * `ws` itself calls this: with one argument for a protocol error, otherwise to echo the client's close. Our own code
   * calls {@link end}.
   */
  override close(...args: [code?: number, data?: string | Buffer]): void {
    if (this.#decided) {
      super.close(...args);
    } else if (args.length === 1 && args[0] !== undefined) {
      this.end(args[0] === invalidData && this.#sawCloseFrame ? protocolError : args[0]);
    } else {
      const answer = () => this.end(1000);
      if (this.onPeerClose === undefined) answer();
      else this.onPeerClose(answer);
    }
  }
}
