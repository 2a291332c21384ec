import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { openPipes } from '../../../../plugins/max/src/sessions/pipes.ts';
import { openPty } from '../../../../plugins/max/src/sessions/pty.ts';
import { serveSsh } from '../../../../plugins/max/src/ssh/connection.ts';
import { openHostKey } from '../../../../plugins/max/src/ssh/host-key.ts';
import type { SshPlace } from '../../../../plugins/max/src/ssh/place.ts';

/** What one thing within a connection left behind. */
export interface KeptRecord {
  what: string | null;
  in: number;
  out: number;
  end: { reason: string; code: number | null; signal: string | null; detail?: string } | undefined;
}

/** How a stock program ended. */
export interface Ended {
  code: number | undefined;
  stdout: Buffer;
  stderr: string;
}

/** An SSH server over real sockets, in a folder of its own, as Max serves it over a session. */
export interface SshServerKit {
  /** The app's folder; `home` lies beside it. */
  folder: string;
  home: string;
  port: number;
  hostKey: string;
  records: KeptRecord[];
  /** Runs a stock program (`ssh`, `scp`, `sftp`) with what leads it here; the host is `app`. */
  run(program: string, args: readonly string[], input?: string | Uint8Array): Promise<Ended>;
  /** Options of ssh in a file, for what starts ssh itself. */
  config: string;
  /** Cuts every connection. */
  cut(): void;
  remove(): Promise<void>;
}

/** Starts one. */
export async function startSshServer(): Promise<SshServerKit> {
  const root = mkdtempSync(join(tmpdir(), 'max-ssh-'));
  const folder = join(root, 'app');
  const home = join(root, 'home');
  mkdirSync(folder);
  mkdirSync(home);
  const key = openHostKey(join(root, 'host-key'));
  const records: KeptRecord[] = [];
  const sockets = new Set<Socket>();
  let programs = 0;
  const env = { PATH: process.env.PATH ?? '', HOME: home, LANG: 'C.UTF-8', SHELL: '/bin/sh', GREETING: 'from the app' };
  const place: SshPlace = {
    folder,
    home,
    start: ({ command, env: set, terminal }) => {
      programs += 1;
      const argv: [string, ...string[]] = command === undefined ? ['/bin/sh', '-i'] : ['/bin/sh', '-c', command];
      const spec = {
        id: `test_${process.pid}_${key.fingerprint.slice(7, 15)}_${programs}`,
        argv,
        cwd: folder,
        env: { ...env, ...set },
        isPart: true,
      };
      return terminal === undefined ? openPipes(spec) : openPty(spec, terminal);
    },
    connect: async (port) => {
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
      await once(socket, 'connect');
      return socket;
    },
    record: (what) => {
      const record: KeptRecord = { what, in: 0, out: 0, end: undefined };
      records.push(record);
      return {
        count: (bytes) => {
          // What comes after the end is in no audit either.
          if (record.end !== undefined) return;
          record.in += bytes.in ?? 0;
          record.out += bytes.out ?? 0;
        },
        end: (end) => {
          record.end ??= end;
        },
      };
    },
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    void serveSsh(socket, key.privateKey, place).then(() => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const knownHosts = join(root, 'known_hosts');
  writeFileSync(knownHosts, `app ${key.publicKey}\n`);
  const config = join(root, 'config');
  writeFileSync(
    config,
    `Host app
  HostName 127.0.0.1
  Port ${port}
  HostKeyAlias app
  UserKnownHostsFile ${knownHosts}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  IdentityFile /dev/null
  LogLevel ERROR
`,
  );
  return {
    folder,
    home,
    port,
    hostKey: key.publicKey,
    records,
    config,
    run: async (program, args, input) => {
      const { exitCode, stdout, stderr } = await execa(program, ['-F', config, ...args], {
        cwd: root,
        encoding: 'buffer',
        reject: false,
        timeout: 60_000,
        stripFinalNewline: false,
        env: { LC_RIG: 'from the client' },
        ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
      });
      return { code: exitCode, stdout: Buffer.from(stdout ?? []), stderr: Buffer.from(stderr ?? []).toString() };
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    remove: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
