import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from '@rig/plugin-api/max';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deploy, writeTree } from '../support/app.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { startRaw } from '../support/raw-rig.ts';
import { rig, rigJson, rigOk } from '../support/rig.ts';
import { saidError } from '../support/said-error.ts';
import { until } from '../unit/max/runtime/kit.ts';

const SECRET = 'correct-horse-battery';
let max: RunningMax;

beforeAll(async () => {
  max = await startMax();
  const dir = await writeTree(join(max.home.dir, 'app'), { Procfile: 'worker: sleep 1000000' });
  await rigOk(max.home, ['create', 'network', 'shop']);
  await rigOk(max.home, ['create', 'app', 'api', '--network', 'shop']);
  await rigOk(max.home, ['create', 'secret', 'KEY', '--value-stdin', '--app', 'api.shop'], { input: SECRET });
  await deploy(max, 'api.shop', dir);
}, 120_000);
afterAll(() => max?.stop());

const file = (name: string): string => join(max.home.dir, name);
const list = (): Promise<Session[]> => rigJson<Session[]>(max.home, ['command', 'list', '--app', 'api.shop']);

async function detach(...words: string[]): Promise<string> {
  const { stdout } = await rigOk(max.home, ['command', '--app', 'api.shop', '--detach', '-o', 'name', '--', ...words]);
  return stdout.trim();
}

test('a detached command goes on without rig; who attaches gets all of it from the start, and its exit code', async () => {
  const id = await detach(
    'sh',
    '-c',
    `echo one; echo err >&2; until [ -e ${file('go')} ]; do sleep 0.05; done; echo two; exit 9`,
  );
  expect(id).toMatch(/^ses_/);
  expect((await list())[0]).toMatchObject({ id, state: 'running', detached: true, instance: 'worker.1', end: null });
  const attached = startRaw(max.home, ['command', 'attach', id], { input: '' });
  await attached.says('one');
  await writeFile(file('go'), '');
  const { stdout, stderr, code } = await attached.ended;
  expect([stdout.toString(), stderr, code]).toEqual(['one\ntwo\n', 'err\n', 9]);
  const again = await rig(max.home, ['command', 'attach', id, '-o', 'json']);
  expect([again.exitCode, JSON.parse(again.stdout)]).toMatchObject([
    9,
    { stdout: 'one\ntwo\n', stderr: 'err\n', exitCode: 9 },
  ]);
  const table = await rigOk(max.home, ['command', 'list']);
  expect(table.stdout).toMatch(new RegExp(`${id} +api\\.shop +worker\\.1 +exit 9 +yes`));
});

test('it outlives a Max that is killed: the next one has all that it wrote, and how it ended meanwhile', async () => {
  const script = (name: string): string =>
    `seq 1 20000; until [ -e ${file(name)} ]; do sleep 0.05; done; echo end; echo >${file(`${name}.done`)}; exit 5`;
  const [ended, running] = [await detach('sh', '-c', script('first')), await detach('sh', '-c', script('second'))];
  const unseen = await detach('sh', '-c', `until [ -e ${file('first')} ]; do sleep 0.05; done; kill -KILL 0`);
  const { pid } = JSON.parse(await readRunFile()) as { pid: number };
  process.kill(pid, 'SIGKILL');
  await writeFile(file('first'), '');
  await until(() => existsSync(file('first.done')) || undefined);
  await rigOk(max.home, ['max', 'up']);
  const all = `${Array.from({ length: 20_000 }, (_, i) => i + 1).join('\n')}\nend\n`;
  const first = await rig(max.home, ['command', 'attach', ended]);
  expect([first.stdout === all, first.exitCode]).toEqual([true, 5]);
  const second = startRaw(max.home, ['command', 'attach', running], { input: '' });
  await second.says('20000');
  await writeFile(file('second'), '');
  const { stdout, code } = await second.ended;
  expect([stdout.toString() === all, code]).toEqual([true, 5]);
  const lost = await rig(max.home, ['command', 'attach', unseen]);
  expect([lost.exitCode, lost.stderr]).toEqual([1, expect.stringContaining('RIG_SESSION_UNSEEN')]);
  const audit = await rigJson<Array<{ session: string; end: unknown; bytesOut: number }>>(max.home, ['list', 'audit']);
  for (const id of [ended, running])
    expect(audit.find(({ session }) => session === id)).toMatchObject({ end: { code: 5 }, bytesOut: all.length });
});

test('Ctrl-C leaves it to itself, and says how to come back; stop ends it, and says how', async () => {
  const id = await detach('sh', '-c', "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done");
  const attached = startRaw(max.home, ['command', 'attach', id], { input: '' });
  await attached.says('up');
  attached.child.kill('SIGINT');
  const { code, stderr } = await attached.ended;
  expect([code, stderr]).toEqual([130, expect.stringContaining(`rig command attach ${id}`)]);
  expect((await list())[0]).toMatchObject({ id, state: 'running' });
  const watching = startRaw(max.home, ['command', 'attach', id], { input: '' });
  await watching.says('up');
  const stopped = await rigOk(max.home, ['command', 'stop', id]);
  expect(stopped.stdout).toContain('stopped (exit 3)');
  expect(await watching.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('was ended') });
  expect((await rigOk(max.home, ['command', 'stop', id])).stderr).toContain('it had ended before');
});

test('its own limit ends it; what could not be started says so', async () => {
  const { stdout } = await rigOk(max.home, [
    'command',
    '--app',
    'api.shop',
    '--detach',
    '--timeout',
    '1s',
    '-o',
    'name',
    '--',
    'sleep',
    '1000',
  ]);
  const late = await rig(max.home, ['command', 'attach', stdout.trim()]);
  expect([late.exitCode, late.stderr]).toEqual([7, expect.stringContaining('RIG_SESSION_TIMEOUT')]);
  const missing = await rig(max.home, ['command', 'attach', await detach('nosuch')]);
  expect([missing.exitCode, missing.stderr]).toEqual([127, expect.stringContaining('nosuch: no such program')]);
});

test('the list has no secret, its forms are those of every list, and ids that are none are refused', async () => {
  const id = await detach('echo', SECRET);
  expect((await rig(max.home, ['command', 'attach', id])).stdout).toBe(`${SECRET}\n`);
  const forms = await Promise.all(
    ['table', 'json', 'ndjson', 'yaml', 'name'].map((form) => rigOk(max.home, ['command', 'list', '-o', form])),
  );
  for (const { stdout } of forms) expect([stdout.includes(id), stdout.includes(SECRET)]).toEqual([true, false]);
  expect((await rigOk(max.home, ['command', 'list', '--limit', '1', '-o', 'name'])).stdout).toBe(`${id}\n`);
  const fails = async (...words: string[]) =>
    saidError(words.join(' '), await rig(max.home, ['command', ...words, '-o', 'json']));
  expect(await fails('attach', 'ses_none')).toMatchObject({ code: 'RIG_SESSION_NOT_FOUND', exitCode: 3 });
  expect((await fails('stop', 'ses_none')).hint).toBe('see which there are: rig command list');
  expect((await fails('list', '--limit', 'all')).code).toBe('RIG_BAD_OPTION');
  expect((await fails('attach')).code).toBe('RIG_USAGE');
  const shell = await post('/v1/networks/shop/apps/api/sessions', {
    kind: 'shell',
    terminal: { columns: 80, rows: 24, term: 'xterm' },
  });
  expect(await fails('attach', shell.id)).toMatchObject({ code: 'RIG_NO_COMMAND', exitCode: 5 });
  await fetch(`${max.url}/v1/sessions/${shell.id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${max.token}` },
  });
});

test('they end with their app', async () => {
  await rigOk(max.home, ['create', 'app', 'brief', '--network', 'shop']);
  await deploy(max, 'brief.shop', file('app'));
  const start = async (name: string): Promise<number> => {
    const script = `echo $$ >${file(name)}.new; mv ${file(name)}.new ${file(name)}; exec sleep 1000`;
    await rigOk(max.home, ['command', '--app', 'brief.shop', '--detach', '--', 'sh', '-c', script]);
    await until(() => existsSync(file(name)) || undefined);
    return Number(await readFile(file(name), 'utf8'));
  };
  const pid = await start('deleted');
  await rigOk(max.home, ['delete', 'app', 'brief.shop', '--yes']);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

async function post(path: string, body: object): Promise<Session> {
  const answer = await fetch(`${max.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Session;
}

async function readRunFile(): Promise<string> {
  return readFile(join(max.home.dir, 'state', 'rig', 'max', 'max.json'), 'utf8');
}
