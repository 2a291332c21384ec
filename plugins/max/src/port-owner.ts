import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The process that listens on a TCP port, as far as this user may know. */
export interface PortOwner {
  pid: number;
  /** Its program. */
  name: string;
}

const LISTEN = '0A';

function read<T>(what: () => T, otherwise: T): T {
  try {
    return what();
  } catch {
    return otherwise;
  }
}

function socketsOn(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6'])
    for (const line of read(() => readFileSync(table, 'utf8'), '')
      .split('\n')
      .slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] === LISTEN && fields[1]?.endsWith(suffix)) inodes.add(`socket:[${fields[9]}]`);
    }
  return inodes;
}

function fromProc(port: number): PortOwner | undefined {
  const sockets = socketsOn(port);
  if (sockets.size === 0) return undefined;
  for (const pid of read(() => readdirSync('/proc'), []).filter((name) => /^\d+$/.test(name)))
    for (const fd of read(() => readdirSync(`/proc/${pid}/fd`), []))
      if (sockets.has(read(() => readlinkSync(`/proc/${pid}/fd/${fd}`), '')))
        return { pid: Number(pid), name: read(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), 'a process') };
  return undefined;
}

function fromLsof(port: number): Promise<PortOwner | undefined> {
  return new Promise((resolve) => {
    execFile('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { timeout: 5000 }, (_error, stdout) => {
      const pid = /^p(\d+)$/m.exec(stdout)?.[1];
      resolve(pid === undefined ? undefined : { pid: Number(pid), name: /^c(.+)$/m.exec(stdout)?.[1] ?? 'a process' });
    });
  });
}

/** Finds who listens on a port; `undefined` where the system does not tell this user. */
export async function ownerOfPort(port: number): Promise<PortOwner | undefined> {
  const linux = read(() => readFileSync('/proc/net/tcp', 'utf8').length > 0, false);
  return linux ? fromProc(port) : await fromLsof(port);
}
