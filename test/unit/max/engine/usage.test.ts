import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { MARK } from '../../../../plugins/max/src/engine/engine.ts';
import { ProcUsage } from '../../../../plugins/max/src/engine/proc-usage.ts';
import { PsUsage, readPsLine } from '../../../../plugins/max/src/engine/ps-usage.ts';
import { SocketCounter } from '../../../../plugins/max/src/engine/socket-counter.ts';
import type { Usage } from '../../../../plugins/max/src/engine/usage.ts';

import { hasTools } from '../../../support/tools.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Runs a source in a session of its own, with a mark; resolves when it has said that it is ready. */
async function run(source: string, mark: string): Promise<ChildProcess & { pid: number }> {
  const env = { PATH: process.env.PATH ?? '', [MARK]: mark };
  const child = spawn(process.execPath, ['-e', source], { env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child as ChildProcess & { pid: number };
}

const BURN =
  "const end = () => process.cpuUsage().user > 200_000; while (!end()); console.log('ready'); setInterval(() => {}, 1e6);";
const linux = process.platform === 'linux';

describe.skipIf(!linux)('processes of /proc', () => {
  test('what was used before the first look is not counted, what is used after it is, until its end', async () => {
    const child = await run(
      `${BURN} process.on('SIGUSR2', () => { while (process.cpuUsage().user < 500_000); });`,
      'ins_one',
    );
    const leaders = [{ id: 'ins_one', pid: child.pid }];
    const meter = new ProcUsage();
    const first = (await meter.look(leaders)).get('ins_one')!;
    expect(first.cpuSeconds).toBe(0);
    expect(first.memoryBytes).toBeGreaterThan(10e6);
    child.kill('SIGUSR2');
    let used = 0;
    while (used < 0.2) used += (await meter.look(leaders)).get('ins_one')!.cpuSeconds;
    expect(used).toBeLessThan(2);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await meter.look(leaders)).has('ins_one')).toBe(false);
  });

  test('a process that left its session is found by its mark, one that dropped the mark by its session', async () => {
    const start = (detached: boolean, env: string): string =>
      `require('node:child_process').spawn(process.execPath, ['-e', "console.log('ready'); setInterval(() => {}, 1e6)"], { detached: ${detached}, env: ${env}, stdio: ['ignore', 'inherit', 'ignore'] })`;
    const alone = await run("console.log('ready'); setInterval(() => {}, 1e6);", 'ins_alone');
    const away = await run(
      `const child = ${start(true, 'process.env')}; process.on('SIGTERM', () => { child.kill(); process.exit(); }); setTimeout(() => {}, 1e6);`,
      'ins_away',
    );
    const bare = await run(`${start(false, '{}')}; setTimeout(() => {}, 1e6);`, 'ins_bare');
    const leaders = [
      { id: 'ins_alone', pid: alone.pid },
      { id: 'ins_away', pid: away.pid },
      { id: 'ins_bare', pid: bare.pid },
    ];
    const found = await new ProcUsage().look(leaders);
    const one = found.get('ins_alone')!.memoryBytes;
    for (const id of ['ins_away', 'ins_bare']) expect(found.get(id)!.memoryBytes / one, id).toBeGreaterThan(1.5);
    expect([...(await new ProcUsage().look(leaders.slice(0, 1))).keys()]).toEqual(['ins_alone']);
    process.kill(-bare.pid, 'SIGKILL');
    away.kill('SIGTERM');
    await once(away, 'exit');
  });

  test('TCP sockets are told from others, those that come and go included', async () => {
    const counter = new SocketCounter();
    const count = async (): Promise<number> => (await counter.count([process.pid])).get(process.pid) ?? -1;
    const before = await count();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect(await count()).toBe(before + 1);
    server.close();
    await once(server, 'close');
    expect(await count()).toBe(before);
    expect((await counter.count([2 ** 30])).get(2 ** 30)).toBe(0);
  });
});

describe('processes of ps', () => {
  test.each([
    ['  12   10  2048 00:00:07', { pid: 12, group: 10, memoryBytes: 2_097_152, cpuSeconds: 7 }],
    ['1 1 0 1-02:03:04', { pid: 1, group: 1, memoryBytes: 0, cpuSeconds: 93_784 }],
    // As macOS has it.
    ['  501   501  12345   1:02.50', { pid: 501, group: 501, memoryBytes: 12_641_280, cpuSeconds: 62.5 }],
  ])('reads %j', (line, wanted) => expect(readPsLine(line)).toEqual(wanted));

  test.each(['', '  PID  PGID   RSS     TIME', '1 2 3', '1 2 3 x'])('leaves %j out', (line) =>
    expect(readPsLine(line)).toBeUndefined(),
  );

  test.skipIf(!hasTools('ps'))('tells memory and time of a group', async () => {
    const child = await run(BURN.replace('200_000', '100_000'), 'ins_ps');
    const meter = new PsUsage();
    const look = async (): Promise<Usage | undefined> =>
      (await meter.look([{ id: 'ins_ps', pid: child.pid }])).get('ins_ps');
    const first = await look();
    expect(first).toMatchObject({ cpuSeconds: 0, sockets: 0 });
    expect(first!.memoryBytes).toBeGreaterThan(10e6);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await look()).toBeUndefined();
  });
});
