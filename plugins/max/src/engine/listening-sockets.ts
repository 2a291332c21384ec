import { readFile } from 'node:fs/promises';

const LISTEN = '0A';

/** The port of each listening TCP socket by its name, `socket:[INODE]`; `undefined` where the system is not Linux. */
export async function listeningSockets(): Promise<Map<string, number> | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => undefined)),
  );
  if (tables.every((table) => table === undefined)) return undefined;
  const sockets = new Map<string, number>();
  for (const table of tables) {
    for (const line of table?.split('\n').slice(1) ?? []) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] !== LISTEN) continue;
      sockets.set(`socket:[${fields[9]}]`, Number.parseInt(fields[1]!.split(':')[1]!, 16));
    }
  }
  return sockets;
}
