import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stopApps } from '../../../../plugins/max/src/max.ts';
import { openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { newId } from '../../../../plugins/max/src/store/ids.ts';
import { ask, type MaxKit, makeDir } from '../max-kit.ts';
import { BUILT_MAX, spawnMax } from '../max-process.ts';
import { until } from '../runtime/kit.ts';
import { openSessions, SHELL } from './kit.ts';
import { SessionClient } from './session-client.ts';

/** Processes that bear a mark. */
function marked(id: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`MAX_PROCESS_ID=${id}\0`);
      } catch {
        return false;
      }
    });
}

test('what a Max that is killed leaves of its sessions is ended by the next one, and its lines are closed', async () => {
  const dir = makeDir();
  // The app is deployed by a Max in this process, which then makes room for one that can be killed.
  const first = await openSessions({ newIn: dir });
  await first.stop();
  const max = await spawnMax(dir);
  const begin = async (json: unknown): Promise<string> =>
    (await ask(max.port, max.token, 'POST', '/v1/networks/shop/apps/api/sessions', { json })).json.id;
  const shell = await begin(SHELL);
  const client = await new SessionClient(max, shell).join();
  client.write("trap '' HUP; sh -c \"trap '' HUP TERM; sleep 1000\"\n");
  const command = await begin({ kind: 'command', argv: ['sh', '-c', "trap '' HUP TERM PIPE; sleep 1000; sleep 1000"] });
  await until(() => (marked(shell).length >= 3 && marked(command).length >= 2 ? true : undefined));
  const detached = await begin({ kind: 'command', argv: ['true'], detach: true });
  const forgotten = await begin({ kind: 'command', argv: ['true'], detach: true });
  const runs = await begin({ kind: 'command', argv: ['sleep', '1000'], detach: true });
  for (const id of [detached, forgotten])
    await until(async () => (await ask(max.port, max.token, 'GET', `/v1/sessions/${id}`)).json.end ?? undefined);
  await max.end('SIGKILL');
  expect(marked(command).length).toBeGreaterThan(0);
  // As one that was killed between two writes would leave them.
  const database = openDatabase(join(dir, 'max.db'));
  database.run('UPDATE audit SET ended_at = NULL, end = NULL WHERE session IN (?, ?)', [detached, forgotten]);
  database.run('DELETE FROM detached_commands WHERE id = ?', [forgotten]);
  database.close();
  const app = join(dir, 'apps', readdirSync(join(dir, 'apps'))[0]!);
  const network = join(dir, 'networks', newId('net'));
  const [ours, theirs, link] = [newId('ses'), 'ses_notes', newId('ses')];
  for (const folder of [app, network]) {
    mkdirSync(join(folder, 'sessions', ours, 'tmp'), { recursive: true });
    mkdirSync(join(folder, 'sessions', theirs));
    symlinkSync(join(folder, 'home'), join(folder, 'sessions', link));
    mkdirSync(join(folder, 'home', 'sessions', ours), { recursive: true });
    writeFileSync(join(folder, 'home', 'kept'), '');
  }

  const next: MaxKit = await openSessions({ dir });
  expect([...marked(shell), ...marked(command)]).toEqual([]);
  const { items } = (await next.ask('GET', '/v1/audit')).json;
  expect(items.map(({ session, end }: { session: string; end: unknown }) => [session, end])).toEqual([
    [runs, null],
    [forgotten, expect.objectContaining({ reason: 'abandoned', detail: expect.stringContaining('nothing of it') })],
    [detached, expect.objectContaining({ reason: 'exited', code: 0 })],
    [command, { reason: 'max-stopped', code: null, signal: null, durationMs: expect.any(Number) }],
    [shell, { reason: 'max-stopped', code: null, signal: null, durationMs: expect.any(Number) }],
  ]);
  const late = await new SessionClient(next, shell).join();
  expect(late.refused).toMatchObject({
    reason: 'ended',
    code: 'RIG_SESSION_ENDED',
    detail: expect.stringContaining('as Max ended'),
  });
  expect(next.log.join('\n')).toContain('2 sessions ended with an earlier Max');
  for (const folder of [app, network]) {
    await until(() => (existsSync(join(folder, 'sessions', ours)) ? undefined : true));
    expect(readdirSync(join(folder, 'sessions')).sort()).toEqual([link, theirs].sort());
    expect(existsSync(join(folder, 'home', 'kept'))).toBe(true);
    expect(readdirSync(join(folder, 'home', 'sessions'))).toEqual([ours]);
  }
  await until(() => (existsSync(join(app, 'commands', forgotten)) ? undefined : true));
  expect(readdirSync(join(app, 'commands')).sort()).toEqual([detached, runs].sort());
  expect(marked(runs).length).toBeGreaterThan(0);
  await next.remove();
  rmSync(join(dir, '..'), { recursive: true, force: true });
});

test('what a Max that is killed leaves of its sessions ends where it is told to be down, too', async () => {
  const dir = makeDir();
  const max = await spawnMax(dir, ['--port', '0'], BUILT_MAX);
  await ask(max.port, max.token, 'POST', '/v1/networks', { json: { name: 'shop' } });
  const { id } = (await ask(max.port, max.token, 'POST', '/v1/networks/shop/sessions', { json: SHELL })).json;
  const client = await new SessionClient(max, id).join();
  client.write("trap '' HUP; sh -c \"trap '' HUP TERM; sleep 1000\"\n");
  await until(() => (marked(id).length >= 3 ? true : undefined));
  await max.end('SIGKILL');
  expect(marked(id).length).toBeGreaterThan(0);
  expect(await stopApps({ dir, owner: 'tester', pid: process.pid, version: '1.2.3' })).toBe(0);
  expect(marked(id)).toEqual([]);
  rmSync(join(dir, '..'), { recursive: true, force: true });
});
