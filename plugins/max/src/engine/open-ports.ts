import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';

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
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      const port = inode === undefined ? undefined : listening.get(inode);
      if (port !== undefined) ports.push(port);
    }
  }
  return ports;
}

/** Listening TCP ports by the inode of their socket. */
async function listeningSockets(): Promise<Map<string, number> | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => undefined)),
  );
  if (tables.every((table) => table === undefined)) return undefined;
  const sockets = new Map<string, number>();
  for (const table of tables) {
    for (const line of table?.split('\n').slice(1) ?? []) {
      const fields = line.trim().split(/\s+/);
      const LISTEN = '0A';
      if (fields[3] !== LISTEN) continue;
      sockets.set(fields[9]!, Number.parseInt(fields[1]!.split(':')[1]!, 16));
    }
  }
  return sockets;
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
