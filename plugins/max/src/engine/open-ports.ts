import { execFile } from 'node:child_process';
import { readdir, readlink } from 'node:fs/promises';
import { listeningSockets } from './listening-sockets.ts';

/** TCP ports that any of these processes listens on, in order; `undefined` where the system does not tell. */
export async function openPortsOf(pids: readonly number[]): Promise<number[] | undefined> {
  const ports = process.platform === 'linux' ? await fromProc(pids) : await fromLsof(pids);
  return ports === undefined ? undefined : [...new Set(ports)].sort((a, b) => a - b);
}

async function fromProc(pids: readonly number[]): Promise<number[] | undefined> {
  const listening = await listeningSockets();
  if (listening === undefined) return undefined;
  const ports: number[] = [];
  for (const pid of pids) {
    const folder = `/proc/${pid}/fd`;
    const fds = await readdir(folder).catch(() => []);
    for (const fd of fds) {
      const target = await readlink(`${folder}/${fd}`).catch(() => '');
      const port = listening.get(target);
      if (port !== undefined) ports.push(port);
    }
  }
  return ports;
}

async function fromLsof(pids: readonly number[]): Promise<number[] | undefined> {
  if (pids.length === 0) return [];
  return new Promise((resolve) => {
    const args = ['-nP', '-a', '-iTCP', '-sTCP:LISTEN', '-Fn', '-p', pids.join(',')];
    execFile('lsof', args, { timeout: 5_000 }, (error, stdout) => {
      if (error !== null && (error as NodeJS.ErrnoException).code === 'ENOENT') return resolve(undefined);
      resolve([...stdout.matchAll(/^n.*:(\d+)$/gm)].map((match) => Number(match[1])));
    });
  });
}
