import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deadPort } from '../support/ports.ts';
import { plainEnv } from './measure.ts';

/** A caddy that passes everything on to one port. */
export interface Caddy {
  port: number;
  stop(): Promise<void>;
}

const listens = async (port: number): Promise<boolean> => {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** Waits until it listens; fails with what it said where it ends before. */
async function ready(caddy: ChildProcess, port: number): Promise<void> {
  let said = '';
  caddy.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  while (caddy.exitCode === null && !(await listens(port))) await delay(20);
  if (caddy.exitCode !== null) throw new Error(`caddy ended with ${caddy.exitCode}: ${said}`);
}

/** Starts a caddy before a server on this machine, with plain HTTP and nothing else configured. */
export async function startCaddy(upstream: number): Promise<Caddy> {
  const dir = mkdtempSync(join(tmpdir(), 'rig-bench-'));
  const port = await deadPort();
  const file = join(dir, 'Caddyfile');
  writeFileSync(
    file,
    `{\n\tadmin off\n\tauto_https off\n}\nhttp://:${port} {\n\tbind 127.0.0.1\n\treverse_proxy 127.0.0.1:${upstream}\n}\n`,
  );
  const caddy = spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], {
    env: plainEnv({ HOME: dir }),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(caddy, 'exit');
  const stop = async (): Promise<void> => {
    caddy.kill();
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  await ready(caddy, port).catch(async (error) => {
    await stop();
    throw error;
  });
  return { port, stop };
}
