import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { userInfo } from 'node:os';

/** `127.0.0.1:8080` as /proc has it: 32-bit words of the address in this machine's order, and the port, in hexadecimal. */
export function procAddress(address: string, port: number): string | undefined {
  const end = port.toString(16).toUpperCase().padStart(4, '0');
  if (address === '::1') return `${'0'.repeat(24)}01000000:${end}`;
  const parts = address.split('.').map(Number);
  if (parts.length !== 4) return undefined;
  const word = parts.reverse().map((part) => part.toString(16).toUpperCase().padStart(2, '0'));
  return `${word.join('')}:${end}`;
}

/** The user whose process holds the other end of a connection on this machine, as Linux tells; `undefined` elsewhere. */
export async function userOf({
  remoteAddress = '',
  remotePort = 0,
  localPort = 0,
}: Socket): Promise<number | undefined> {
  const own = procAddress(remoteAddress, remotePort);
  if (own === undefined) return undefined;
  const ours = `:${localPort.toString(16).toUpperCase().padStart(4, '0')}`;
  const table = await readFile(remoteAddress.includes(':') ? '/proc/net/tcp6' : '/proc/net/tcp', 'utf8').catch(
    () => '',
  );
  for (const line of table.split('\n')) {
    const [, local, remote, , , , , uid] = line.trim().split(/\s+/);
    if (local === own && remote?.endsWith(ours)) return Number(uid);
  }
  return undefined;
}

/**
 * Whether a connection comes from another user of this machine. The link is for a moment among the arguments of the
 * program that opens the browser, where others can read it. Root passes: what forwards ports may run as root, and nothing
 * can be kept from it.
 */
export async function isForeign(socket: Socket): Promise<boolean> {
  const uid = await userOf(socket);
  const { uid: own } = userInfo();
  return uid !== undefined && own !== 0 && uid !== 0 && uid !== own;
}
