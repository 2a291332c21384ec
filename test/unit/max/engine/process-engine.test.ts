import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeExit, type EngineProcess, type ProcessRecord } from '../../../../plugins/max/src/engine/engine.ts';
import { isPortFree, Ports } from '../../../../plugins/max/src/engine/ports.ts';
import { ProcessEngine } from '../../../../plugins/max/src/engine/process-engine.ts';
import { identityOf, processesOf } from '../../../../plugins/max/src/engine/process-table.ts';
import { execForm } from '../../../../plugins/max/src/engine/start-command.ts';
import { until } from '../runtime/kit.ts';

let dir: string;
let engine: ProcessEngine;
const started: EngineProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-engine-'));
  engine = new ProcessEngine();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.stop(0)));
  rmSync(dir, { recursive: true, force: true });
});

let counter = 0;
const nextId = (): string => {
  counter += 1;
  return `test_${process.pid}_${counter}`;
};
async function start(
  code: string,
  id = nextId(),
  store: (record: ProcessRecord) => void = () => {},
): Promise<EngineProcess> {
  const env = { PATH: process.env.PATH ?? '', DIR: dir };
  const one = await engine.start({ id, folder: dir, cwd: dir, command: [process.execPath, '-e', code], env }, store);
  started.push(one);
  return one;
}
const output = (): string => readFileSync(join(dir, 'stdout.log'), 'utf8');
const printed = (text: string): Promise<true> => until(() => (output().includes(text) ? true : undefined));

test('a process has a session, an environment and files of its own', async () => {
  const id = nextId();
  await start(
    'console.log(JSON.stringify(process.env)); console.error("bad"); require("fs").readFileSync(0); console.log("no stdin")',
    id,
  );
  await printed('no stdin');
  const env = JSON.parse(output().split('\n')[0]!);
  // PWD and such are the shell's own.
  for (const name of ['PWD', 'OLDPWD', 'SHLVL', '_']) delete env[name];
  expect(env).toEqual({ PATH: process.env.PATH, DIR: dir, MAX_PROCESS_ID: id });
  expect(readFileSync(join(dir, 'stderr.log'), 'utf8')).toBe('bad\n');
});

test.each([
  ['process.exit(5)', 'exit 5'],
  ['process.kill(process.pid, "SIGSEGV")', 'SIGSEGV'],
])('the end by %s is told', async (code, wanted) => {
  const one = await start(code);
  expect(describeExit(await one.exited)).toBe(wanted);
});

test('a record that cannot be stored leaves no process, and nothing of the app has run', async () => {
  const id = nextId();
  await expect(
    start('require("fs").writeFileSync(process.env.DIR + "/ran", "")', id, () => {
      throw new Error('the disk is full');
    }),
  ).rejects.toThrow('the disk is full');
  await until(() => (processesOf(id).length === 0 ? true : undefined));
  expect(existsSync(join(dir, 'ran'))).toBe(false);
});

test('a stop asks first, and insists with what ignores it, children included', async () => {
  const polite = await start(
    'process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1e3); console.log("up")',
  );
  await printed('up');
  await polite.stop(10_000);
  expect(await polite.exited).toEqual({ code: 0, signal: null, oomKilled: false });

  const id = nextId();
  const stubborn = await start(
    `process.on("SIGTERM", () => {}); setInterval(() => {}, 1e3);
     require("child_process").spawn(process.execPath, ["-e", "process.on('SIGTERM',()=>{});setInterval(()=>{},1e3);console.log('child')"], { stdio: "inherit", detached: true })`,
    id,
  );
  await printed('child');
  expect(processesOf(id)).toHaveLength(2);
  await stubborn.stop(100);
  expect(await stubborn.exited).toEqual({ code: null, signal: 'SIGKILL', oomKilled: false });
  expect(processesOf(id)).toEqual([]);
});

test('what a crashed leader leaves behind is ended before anybody hears of the crash', async () => {
  const id = nextId();
  const one = await start(
    `const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(()=>{},1e3)"], { stdio: "ignore" });
     child.once("spawn", () => process.exit(1))`,
    id,
  );
  await one.exited;
  expect(processesOf(id)).toEqual([]);
});

test('a process is adopted by its record; one with the number of another is not', async () => {
  const id = nextId();
  const one = await start('setInterval(() => {}, 1e3)', id);
  const adopted = engine.adopt(id, one.record)!;
  expect(adopted.record).toEqual(one.record);
  expect(engine.adopt(id, { ...one.record, identity: 'another:1' })).toBeUndefined();
  expect(engine.adopt(id, { pid: 2 ** 22 + 1, identity: one.record.identity })).toBeUndefined();
  process.kill(one.record.pid, 'SIGKILL');
  expect(await adopted.exited).toEqual({ code: null, signal: null, oomKilled: false });
  expect(engine.adopt(id, one.record)).toBeUndefined();
  expect(identityOf(one.record.pid)).toBeUndefined();
});

test.runIf(process.platform === 'linux')(
  'of many that are adopted the end of each is told, of one too that nobody waits for',
  async () => {
    // The shell becomes a program that never asks for its children.
    const parent = spawn('/bin/sh', ['-c', 'sleep 1000 & echo $!; exec sleep 1000']);
    const orphan = Number(String(await once(parent.stdout, 'data')));
    try {
      const first = await start('setInterval(() => {}, 1e3)');
      const [one, kept, zombie] = [first.record, { pid: parent.pid! }, { pid: orphan }].map(({ pid }) =>
        engine.adopt(nextId(), { pid, identity: identityOf(pid)! }),
      );
      const ended: string[] = [];
      for (const [name, each] of Object.entries({ one, kept, zombie })) void each!.exited.then(() => ended.push(name));
      process.kill(orphan, 'SIGKILL');
      await zombie!.exited;
      expect(ended).toEqual(['zombie']);
      process.kill(first.record.pid, 'SIGKILL');
      await one!.exited;
      expect(ended).toEqual(['zombie', 'one']);
    } finally {
      parent.kill('SIGKILL');
    }
  },
);

test('a sweep ends what bears the mark, in whatever session', async () => {
  const id = nextId();
  await start(
    'require("child_process").spawn(process.execPath, ["-e", "setInterval(()=>{},1e3);console.log(1)"], { stdio: "inherit", detached: true }); setInterval(() => {}, 1e3)',
    id,
  );
  await printed('1');
  await engine.sweep(id);
  expect(processesOf(id)).toEqual([]);
});

test('the ports that a process and its children open are found', async () => {
  const one = await start(
    `const net = require("net"); const say = function () { console.log("port", this.address().port, "!") };
     net.createServer().listen(0, "127.0.0.1", say); net.createServer().listen(0, "::", say)`,
  );
  await until(() => (output().split('!').length === 3 ? true : undefined));
  const wanted = [...output().matchAll(/port (\d+)/g)].map((match) => Number(match[1])).sort((a, b) => a - b);
  expect(await one.openPorts()).toEqual(wanted);
});

test('ports are given once, below the range of outgoing connections, and never one that is taken', async () => {
  const ports = new Ports();
  const taken = await Promise.all(Array.from({ length: 20 }, () => ports.take()));
  expect(new Set(taken).size).toBe(20);
  for (const port of taken) expect(port).toBeLessThan(32_768);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(taken[0], '127.0.0.1', resolve));
  expect(await isPortFree(taken[0]!)).toBe(false);
  server.close();
});

test.each([
  ['node server.js', 'exec node server.js'],
  ['A=1 B="x y" node --flag server.js', 'A=1 B="x y" exec node --flag server.js'],
  ['node a.js && node b.js', 'node a.js && node b.js'],
  ['cd src', 'cd src'],
  ['exec node x', 'exec node x'],
  ['NODE_ENV=x', 'NODE_ENV=x'],
])('the shell command %j becomes %j', (command, wanted) => {
  expect(execForm(command)).toBe(wanted);
});
