import { readdirSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';

/** Processes that are looked at before Max turns to its requests again. */
const AT_ONCE = 16;
/** A socket that is no TCP socket yet may be one after so many counts: it has neither listened nor connected. */
const UNKNOWN_COUNTS = 6;

/** Counts the TCP sockets that processes have open. */
export class SocketCounter {
  /** Whether a socket is one of TCP, by its inode, and the count that has seen it last. */
  #known = new Map<string, { tcp: boolean; asked: number; seen: number }>();
  #counts = 0;

  /** How many each process has open; one that does not let itself be looked at has none. */
  async count(pids: readonly number[]): Promise<Map<number, number>> {
    this.#counts += 1;
    const open = new Map<number, string[]>();
    let unknown = false;
    for (const [index, pid] of pids.entries()) {
      const sockets = socketsOf(pid);
      open.set(pid, sockets);
      unknown ||= sockets.some((socket) => !this.#tells(socket));
      if (index % AT_ONCE === AT_ONCE - 1) await turn();
    }
    if (unknown) await this.#ask(open);
    const counts = new Map<number, number>();
    for (const [pid, sockets] of open) counts.set(pid, sockets.filter((socket) => this.#isTcp(socket)).length);
    for (const [socket, { seen }] of this.#known) if (seen !== this.#counts) this.#known.delete(socket);
    return counts;
  }

  #tells(socket: string): boolean {
    const known = this.#known.get(socket);
    return known !== undefined && (known.tcp || this.#counts - known.asked < UNKNOWN_COUNTS);
  }

  #isTcp(socket: string): boolean {
    const known = this.#known.get(socket);
    if (known === undefined) return false;
    known.seen = this.#counts;
    return known.tcp;
  }

  /** Reads the system's tables, which takes it milliseconds: only where there is a socket of which nothing is known. */
  async #ask(open: ReadonlyMap<number, string[]>): Promise<void> {
    const tcp = new Set<string>();
    for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
      const text = await readFile(table, 'latin1').catch(() => '');
      for (const line of text.split('\n').slice(1)) {
        const inode = line.trim().split(/\s+/, 10)[9];
        if (inode !== undefined && inode !== '0') tcp.add(inode);
      }
    }
    for (const sockets of open.values())
      for (const socket of sockets)
        this.#known.set(socket, { tcp: tcp.has(socket), asked: this.#counts, seen: this.#counts });
  }
}

/** The inodes of the sockets that a process has open. */
function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const inodes: string[] = [];
  try {
    for (const file of readdirSync(folder)) {
      const target = linkOf(`${folder}/${file}`);
      if (target.startsWith('socket:[')) inodes.push(target.slice(8, -1));
    }
  } catch {
    // It has ended, or is another user's.
  }
  return inodes;
}

/** What an open file is; it may be closed by now. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
