import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionStream } from '@rig/plugin-api/max';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProcessEngine } from '../../../../plugins/max/src/engine/process-engine.ts';
import { processesOf } from '../../../../plugins/max/src/engine/process-table.ts';
import { DetachedCommands } from '../../../../plugins/max/src/sessions/detached/detached-commands.ts';
import { type DetachedRow, DetachedRows } from '../../../../plugins/max/src/sessions/detached/detached-rows.ts';
import { exitOf } from '../../../../plugins/max/src/sessions/detached/exit-status.ts';
import { KeptOutput } from '../../../../plugins/max/src/sessions/detached/kept-output.ts';
import { type Database, openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { until } from '../runtime/kit.ts';

let dir: string;
let database: Database;
let rows: DetachedRows;
let ended: Array<{ row: DetachedRow; bytes: number }>;
let commands: DetachedCommands;
/** Whether the account of the next ends cannot be stored. */
let failing: boolean[];
const all: DetachedCommands[] = [];

function nextMax(): DetachedCommands {
  const made = new DetachedCommands({
    paths: { apps: join(dir, 'apps') },
    rows,
    engine: new ProcessEngine(),
    graceMs: () => 300,
    onEnd: (row, bytes) => {
      if (failing.shift() === true) throw new Error('the disk is full');
      ended.push({ row, bytes });
    },
    report: () => {},
  });
  all.push(made);
  return made;
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-detached-'));
  mkdirSync(join(dir, 'apps', 'app_1'), { recursive: true });
  database = openDatabase(join(dir, 'max.db'));
  rows = new DetachedRows(database);
  ended = [];
  failing = [];
  commands = nextMax();
});
afterEach(async () => {
  await commands.endAll();
  for (const one of all.splice(0)) one.release();
  database.close();
  rmSync(dir, { recursive: true, force: true });
});

let counter = 0;
async function start(script: string, more: { timeoutSeconds?: number; argv?: string[] } = {}): Promise<DetachedRow> {
  counter += 1;
  const id = `ses_${process.pid}_${counter}`;
  const now = Date.now();
  commands.create({
    ...{ id, appId: 'app_1', userId: 'usr_1', userName: 'me', instance: 'web.1', release: 3, argv: ['shown'] },
    startedAt: new Date(now).toISOString(),
    endsAt: more.timeoutSeconds === undefined ? null : new Date(now + more.timeoutSeconds * 1000).toISOString(),
  });
  const environment = (tmp: string) => ({ PATH: process.env.PATH ?? '', TMPDIR: tmp });
  await commands.begin({ id, appId: 'app_1', argv: more.argv ?? ['/bin/sh', '-c', script], cwd: dir, environment });
  return rows.byId(id)!;
}
const endOf = (id: string): Promise<DetachedRow> => until(() => ended.find(({ row }) => row.id === id)?.row);

interface Heard {
  stdout: string;
  stderr: string;
  from: { stdout: number; stderr: number };
  eof: Partial<Record<SessionStream, number>>;
  end: Promise<DetachedRow>;
}

async function follow(
  row: DetachedRow,
  options: { received?: { stdout: number; stderr: number }; window?: number; ack?: boolean } = {},
): Promise<Heard & { stop(): void; ack(stdout: number): void }> {
  let onEnd: (row: DetachedRow) => void = () => {};
  let onFail: (error: Error) => void = () => {};
  const end = new Promise<DetachedRow>((resolve, reject) => {
    onEnd = resolve;
    onFail = reject;
  });
  end.catch(() => {});
  const { feed, from } = commands.follow(row, {
    received: options.received,
    window: options.window ?? 256 * 1024,
    ready: async () => {},
    data: ({ stream, offset, bytes }) => {
      heard[stream as 'stdout'] += Buffer.from(bytes).toString('latin1');
      if (options.ack !== false) feed.acknowledge({ [stream]: offset + bytes.length });
    },
    eof: (stream, at) => {
      heard.eof[stream] = at;
    },
    end: () => onEnd(rows.byId(row.id)!),
    fail: (error) => onFail(error),
  });
  const heard: Heard = { stdout: '', stderr: '', from, eof: {}, end };
  void feed.start();
  return Object.assign(heard, { stop: () => feed.stop(), ack: (stdout: number) => feed.acknowledge({ stdout }) });
}

test('a command runs without anybody, and what it wrote and how it ended is there later', async () => {
  const row = await start('printf out; printf err >&2; cat; exit 7');
  expect(await endOf(row.id)).toMatchObject({ end: { reason: 'exited', code: 7, signal: null }, instance: 'web.1' });
  expect(ended[0]?.bytes).toBe(6);
  const heard = await follow(rows.byId(row.id)!);
  await heard.end;
  expect([heard.stdout, heard.stderr, heard.eof]).toEqual(['out', 'err', { stdout: 3, stderr: 3 }]);
});

test('who follows one that runs gets everything, as it comes, and then its end', async () => {
  const row = await start(`echo one; until [ -e ${dir}/go ]; do sleep 0.02; done; echo two`);
  const heard = await follow(row);
  await until(() => (heard.stdout === 'one\n' ? true : undefined));
  expect(commands.isFollowed(row.id)).toBe(true);
  writeFileSync(join(dir, 'go'), '');
  expect((await heard.end).end).toMatchObject({ code: 0 });
  expect(heard.stdout).toBe('one\ntwo\n');
  await until(() => (commands.isFollowed(row.id) ? undefined : true));
});

test('a client that has the first bytes gets the rest alone, and one that claims too much gets the end', async () => {
  const row = await start('printf 0123456789');
  await endOf(row.id);
  const part = await follow(row, { received: { stdout: 4, stderr: 0 } });
  await part.end;
  expect([part.from, part.stdout]).toEqual([{ stdout: 4, stderr: 0 }, '456789']);
  const beyond = await follow(row, { received: { stdout: 400, stderr: 3 } });
  await beyond.end;
  expect([beyond.from, beyond.stdout]).toEqual([{ stdout: 10, stderr: 0 }, '']);
});

test('no more than the window is sent before it is acknowledged', async () => {
  const row = await start('head -c 300000 /dev/zero; printf done >&2');
  await endOf(row.id);
  const heard = await follow(row, { window: 100_000, ack: false });
  await until(() => (heard.stdout.length >= 100_000 && heard.eof.stderr === 4 ? true : undefined));
  expect(heard.stdout.length).toBe(100_000);
  heard.ack(100_000);
  await until(() => (heard.stdout.length === 200_000 ? true : undefined));
  heard.ack(200_000);
  await until(() => (heard.stdout.length === 300_000 ? true : undefined));
  expect(heard.eof.stdout).toBeUndefined();
  heard.ack(300_000);
  await heard.end;
  expect(heard.eof.stdout).toBe(300_000);
});

test('the next Max finds one that still runs, and follows it to its end', async () => {
  const row = await start(`echo one; until [ -e ${dir}/go ]; do sleep 0.02; done; echo two; exit 5`);
  commands.release();
  commands = nextMax();
  await commands.takeOver();
  expect(commands.running()).toBe(1);
  const heard = await follow(rows.byId(row.id)!);
  writeFileSync(join(dir, 'go'), '');
  expect((await heard.end).end).toMatchObject({ reason: 'exited', code: 5 });
  expect(heard.stdout).toBe('one\ntwo\n');
});

test('the next Max knows how one ended while there was none', async () => {
  const coded = await start(`until [ -e ${dir}/go ]; do sleep 0.02; done; exit 5`);
  const signalled = await start(`until [ -e ${dir}/go ]; do sleep 0.02; done; kill -USR1 $$`);
  const killed = await start(`until [ -e ${dir}/go ]; do sleep 0.02; done; kill -KILL -$PPID`);
  commands.release();
  writeFileSync(join(dir, 'go'), '');
  for (const { id } of [coded, signalled, killed]) await until(() => (processesOf(id).length === 0 ? true : undefined));
  commands = nextMax();
  await commands.takeOver();
  expect(rows.byId(coded.id)?.end).toMatchObject({ reason: 'exited', code: 5, signal: null });
  expect(rows.byId(signalled.id)?.end).toMatchObject({ reason: 'exited', code: null, signal: 'SIGUSR1' });
  expect(rows.byId(killed.id)?.end).toMatchObject({ code: null, signal: null, detail: expect.stringContaining('Max') });
  expect(ended.map(({ row }) => row.id).sort()).toEqual([coded.id, signalled.id, killed.id].sort());
});

test('an end and the account of it are stored together, and again until that is done', async () => {
  failing = [true];
  const row = await start('exit 4');
  const heard = await follow(row);
  await until(() => (failing.length === 0 ? true : undefined));
  expect(rows.byId(row.id)?.endedAt).toBeNull();
  expect((await heard.end).end).toMatchObject({ reason: 'exited', code: 4 });
  expect(ended.map(({ row }) => row.id)).toEqual([row.id]);

  const left = await start('exit 5');
  failing = [true, true];
  await until(() => (failing.length === 1 ? true : undefined));
  commands.release();
  failing = [];
  commands = nextMax();
  await commands.takeOver();
  expect(rows.byId(left.id)?.end).toMatchObject({ reason: 'exited', code: 5 });
  expect(ended.map(({ row }) => row.id)).toEqual([row.id, left.id]);
});

test('one that Max had no time to begin says that it never ran', async () => {
  rows.create({
    ...{ id: 'ses_late', appId: 'app_1', userId: 'usr_1', userName: 'me', instance: 'web.1', release: 3, argv: ['x'] },
    ...{ startedAt: new Date().toISOString(), endsAt: null },
  });
  await commands.takeOver();
  const end = { reason: 'failed', code: null, signal: null, durationMs: 0, detail: 'Max ended before it had begun' };
  expect(rows.byId('ses_late')?.end).toEqual(end);
});

test('a command is asked to end, and one that does not listen is killed with all that it started', async () => {
  const polite = await start(`trap 'echo bye; exit 0' TERM; while :; do sleep 0.02; done`);
  const deaf = await start(`trap '' TERM; (trap '' TERM; sleep 60) & echo up; wait; while :; do sleep 1; done`);
  const heard = await follow(deaf);
  await until(() => (heard.stdout === 'up\n' ? true : undefined));
  expect((await commands.stop(polite.id))?.end?.reason).toBe('stopped');
  expect((await commands.stop(deaf.id))?.end).toMatchObject({ reason: 'stopped', code: null, signal: 'SIGKILL' });
  expect(processesOf(deaf.id)).toEqual([]);
  expect((await commands.stop(deaf.id))?.end?.reason).toBe('stopped');
});

test('its own limit ends it, also where another Max than the one that started it is there by then', async () => {
  const row = await start('while :; do sleep 0.02; done', { timeoutSeconds: 1 });
  commands.release();
  commands = nextMax();
  await commands.takeOver();
  expect((await endOf(row.id)).end).toMatchObject({ reason: 'timeout', signal: 'SIGTERM' });
});

test('the arguments reach the program as they are, and no builtin of a shell takes its place', async () => {
  const words = ['', ' a  b ', '-x', '--', '$HOME', 'line\nend', '"', "'"];
  const print = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
  const row = await start('', { argv: [process.execPath, '-e', print, '--', ...words] });
  await endOf(row.id);
  const heard = await follow(row);
  await heard.end;
  expect(JSON.parse(heard.stdout)).toEqual(words);
  const builtin = await start('', { argv: ['exit', '3'] });
  expect((await endOf(builtin.id)).end?.code).toBe(127);
  const said = await follow(builtin);
  await said.end;
  expect(said.stderr).toBe("max: exit: no such program in PATH or in the app's folder\n");
  writeFileSync(join(dir, 'data'), '');
  expect((await endOf((await start('', { argv: ['./data'] })).id)).end?.code).toBe(126);
});

test('those of an app that goes are ended and forgotten; all end when the apps do', async () => {
  const row = await start('sleep 60');
  expect(rows.releasesInUse('app_1')).toEqual([3]);
  await commands.removeApp('app_1');
  expect([rows.byId(row.id), processesOf(row.id)]).toEqual([undefined, []]);
  const other = await start('sleep 60');
  commands.release();
  commands = nextMax();
  expect(await commands.endAll()).toBe(1);
  expect(rows.byId(other.id)?.end?.reason).toBe('max-stopped');
});

test('what ended a day ago is forgotten with its output, and of an app no more than a hundred and no more than 1 GiB are kept', async () => {
  const kept = await start('echo kept');
  await endOf(kept.id);
  const old = await start('echo old');
  await endOf(old.id);
  rows.end(old.id, new Date(Date.now() - 25 * 3_600_000).toISOString(), rows.byId(old.id)!.end!);
  const now = new Date().toISOString();
  const end = kept.end ?? { reason: 'exited', code: 0, signal: null, durationMs: 1 };
  for (let i = 0; i < 101; i += 1) {
    const id = `ses_old_${i}`;
    rows.create({ ...kept, id, appId: 'app_2' });
    rows.end(id, now, end);
  }
  // 400 MiB each, by the offsets of files that take up no room.
  for (let i = 0; i < 4; i += 1) {
    const id = `ses_large_${i}`;
    rows.create({ ...kept, id, appId: 'app_3' });
    rows.end(id, now, end);
    const folder = join(dir, 'apps', 'app_3', 'commands', id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'stdout.log'), '');
    truncateSync(join(folder, 'stdout.log'), 400 * 1024 * 1024);
  }
  await nextMax().takeOver();
  expect(rows.byId(old.id)).toBeUndefined();
  expect(existsSync(join(dir, 'apps', 'app_1', 'commands', old.id))).toBe(false);
  expect(rows.byId(kept.id)).toBeDefined();
  expect(rows.ofApp('app_2').map(({ id }) => id)).not.toContain('ses_old_0');
  expect(rows.ofApp('app_2').length).toBe(100);
  expect(rows.ofApp('app_3').map(({ id }) => id)).toEqual(['ses_large_3', 'ses_large_2']);
  expect(readdirSync(join(dir, 'apps', 'app_3', 'commands')).sort()).toEqual(['ses_large_2', 'ses_large_3']);
});

test('of much output the oldest goes, and what is kept says where it begins', async () => {
  const output = new KeptOutput(dir, 'stdout', 0);
  writeFileSync(output.path, Buffer.alloc(300_000, 1));
  const starts: number[] = [];
  const store = (start: number): void => {
    starts.push(start);
  };
  await output.trim(store, 250_000, 60_000);
  expect(starts).toEqual([]);
  await output.trim(store, 100_000, 60_000);
  expect(starts).toEqual([196_608]);
  expect([output.start, output.size]).toEqual([196_608, 300_000]);
  const file = (await output.open())!;
  const { buffer } = await file.read(Buffer.alloc(103_392), 0, 103_392, output.start);
  await file.close();
  expect(buffer.every((byte) => byte === 1)).toBe(true);
});

test('a status of a shell is a code, or the signal above 128', () => {
  expect(exitOf(0)).toEqual({ code: 0, signal: null });
  expect(exitOf(128)).toEqual({ code: 128, signal: null });
  expect(exitOf(137)).toEqual({ code: null, signal: 'SIGKILL' });
  expect(exitOf(143)).toEqual({ code: null, signal: 'SIGTERM' });
  expect(exitOf(255)).toEqual({ code: 255, signal: null });
});
