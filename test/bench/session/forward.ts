import { createHash, randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { deploy, writeNodeApp } from '../../support/app.ts';
import { type RunningMax, startMax } from '../../support/max.ts';
import { outputLines } from '../../support/output-lines.ts';
import { rigOk, spawnRig } from '../../support/rig.ts';
import type { Figure } from '../figure.ts';
import { median } from '../measure.ts';
import { demandSame, type Received, receive, speed } from './receive.ts';
import { startWsCopy } from './ws-copy.ts';

const BYTES = 100_000_000;

/** Gives the file to whoever connects, or says how many bytes came where a client says something. */
const APP = `import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';
const bytes = readFileSync(process.env.FILE);
createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => {});
  let first = true, size = 0;
  socket.on('data', (piece) => { if (first && piece[0] === 63) { socket.end(bytes); socket.resume(); } first = false; size += piece.length; });
  socket.on('end', () => socket.writable && socket.end(String(size)));
}).listen(process.env.PORT, '127.0.0.1', () => console.log('ready'));
`;

/** 100 MB through `rig forward` beside a bare copy over ws, in turn; and by scp and sftp, for the record. */
export async function measureForward(rounds: number): Promise<Figure[]> {
  const max = await startMax();
  try {
    return await measured(max, rounds);
  } finally {
    await rigOk(max.home, ['ssh', 'config', '--remove']).catch(() => undefined);
    await max.stop();
  }
}

async function measured(max: RunningMax, rounds: number): Promise<Figure[]> {
  const file = join(max.home.dir, 'bytes');
  const bytes = randomBytes(BYTES);
  writeFileSync(file, bytes);
  const sent = { bytes: BYTES, digest: createHash('sha256').update(bytes).digest('hex') };
  await rigOk(max.home, ['create', 'network', 'shop']);
  await rigOk(max.home, ['create', 'app', 'api', '--network', 'shop']);
  await rigOk(max.home, ['create', 'var', `FILE=${file}`, '--app', 'api.shop', '--stage']);
  await deploy(max, 'api.shop', await writeNodeApp(join(max.home.dir, 'app'), APP));
  const port = await forwardedPort(max);
  const copy = await startWsCopy(file);
  const runs: Array<{ forward: Received; ws: Received }> = [];
  try {
    const ways = { forward: () => through(port.local), ws: () => copy.run() };
    for (const way of ['forward', 'ws'] as const) await ways[way]();
    for (let round = 0; round < rounds; round += 1) {
      const run = {} as { forward: Received; ws: Received };
      const order = ['forward', 'ws'] as const;
      for (const way of round % 2 === 0 ? order : [...order].reverse()) {
        run[way] = await ways[way]();
        demandSame(way, run[way], sent);
      }
      runs.push(run);
    }
    const up = await upload(port.local, bytes);
    const of = (way: 'forward' | 'ws'): number => median(runs.map((run) => speed(run[way])));
    return [
      {
        name: 'forward: bare ws copy / rig forward, 100 MB',
        value: median(runs.map(({ forward, ws }) => forward.ms / ws.ms)),
        unit: '×',
        limit: 2,
        note: `${of('forward').toFixed(0)} MB/s, ws alone ${of('ws').toFixed(0)} MB/s`,
      },
      { name: 'forward: to the app', value: up, unit: 'MB/s' },
      ...(await measureFiles(max, file, sent.digest)),
    ];
  } finally {
    await copy.end();
    await port.end();
  }
}

async function forwardedPort(max: RunningMax): Promise<{ local: number; end(): Promise<void> }> {
  const { stdout } = await rigOk(max.home, ['status', 'app', 'api.shop', '-o', 'json']);
  const remote = (JSON.parse(stdout) as { instances: Array<{ port: number }> }).instances[0]?.port;
  const child = spawnRig(max.home, ['forward', `0:${remote}`, '--app', 'api.shop', '-o', 'ndjson'], {
    timeout: 600_000,
  });
  const { local } = JSON.parse(await outputLines(child.stdout as never).find('listening')) as { local: string };
  return {
    local: Number(local.split(':').at(-1)),
    end: async () => {
      child.kill('SIGINT');
      await child;
    },
  };
}

function through(port: number): Promise<Received> {
  const began = performance.now();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write('?');
  return receive(socket, began);
}

async function upload(port: number, bytes: Buffer): Promise<number> {
  const began = performance.now();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  // The first byte tells it from a wish to be given the file.
  bytes[0] = 0;
  socket.end(bytes);
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  const ms = performance.now() - began;
  const said = Buffer.concat(pieces).toString();
  if (said !== String(bytes.length)) throw new Error(`upload: the app got ${said} bytes`);
  return bytes.length / 1e6 / (ms / 1000);
}

async function measureFiles(max: RunningMax, file: string, digest: string): Promise<Figure[]> {
  await rigOk(max.home, ['ssh', 'config']);
  const config = join(max.home.dir, '.ssh', 'config');
  const back = `${file}-back`;
  const timed = async (name: string, program: string, args: string[], input?: string): Promise<Figure> => {
    const began = performance.now();
    await execa(program, ['-F', config, ...args], {
      env: max.home.env,
      extendEnv: false,
      ...(input ? { input } : { stdin: 'ignore' }),
    });
    return { name: `ssh: ${name}, 100 MB`, value: BYTES / 1e6 / ((performance.now() - began) / 1000), unit: 'MB/s' };
  };
  const figures = [
    await timed('scp to the app', 'scp', [file, 'api.shop:there']),
    await timed('scp from the app', 'scp', ['api.shop:there', back]),
    await timed('scp -O to the app', 'scp', ['-O', file, 'api.shop:there']),
    await timed('sftp from the app', 'sftp', ['-b', '-', 'api.shop'], `get there ${back}\n`),
  ];
  const { stdout } = await execa('sha256sum', [back]);
  if (!stdout.startsWith(digest)) throw new Error('sftp: something else came back than what was sent');
  rmSync(back);
  return figures;
}
