import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { listeningSockets } from './engine/listening-sockets.ts';

/** The process that listens on a TCP port, as far as this user may know. */
export interface PortOwner {
  pid: number;
  /** Its program. */
  name: string;
}

async function fromProc(port: number, listening: ReadonlyMap<string, number>): Promise<PortOwner | undefined> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      if (listening.get(target) !== port) continue;
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a process');
      return { pid: Number(pid), name: name.trim() };
    }
  }
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
  const listening = await listeningSockets();
  return listening === undefined ? await fromLsof(port) : await fromProc(port, listening);
}
