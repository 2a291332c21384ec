import { Socket as OfficialSocket } from 'phoenix';
import type { WireMessage } from './wire.ts';

/** What is used of a channel of the official client. */
export interface PhoenixChannel {
  onMessage: (event: string, payload: unknown, ref: string | null) => unknown;
  join(timeout: number): PhoenixPush;
  leave(): unknown;
  onError(callback: (reason: unknown) => void): unknown;
  onClose(callback: () => void): unknown;
  trigger(event: string, payload: unknown): void;
  joinRef(): string | null;
}

/** The push of a join. */
export interface PhoenixPush {
  receive(status: 'ok' | 'error', callback: (response: unknown) => void): PhoenixPush;
}

/** What is used of a socket of the official client. */
export interface PhoenixSocket {
  connect(): void;
  disconnect(callback?: () => void, code?: number): void;
  isConnected(): boolean;
  onOpen(callback: () => void): unknown;
  channel(topic: string, params: () => unknown): PhoenixChannel;
  makeRef(): string;
  push(message: WireMessage): void;
}

/** Settings of a socket of the official client. */
export interface PhoenixSettings {
  transport: new (url: string) => object;
  heartbeatIntervalMs: number;
  reconnectAfterMs(tries: number): number;
  rejoinAfterMs(tries: number): number;
  encode(message: WireMessage, callback: (frame: string | Buffer) => void): void;
  decode(frame: string | Buffer, callback: (message: WireMessage) => void): void;
}

/** Makes a socket of the official client; its published types leave out what is needed here. */
export function createPhoenixSocket(url: string, settings: PhoenixSettings): PhoenixSocket {
  return new OfficialSocket(url, settings as never) as unknown as PhoenixSocket;
}
