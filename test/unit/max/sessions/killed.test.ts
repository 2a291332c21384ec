import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, type MaxKit, makeDir } from '../max-kit.ts';
import { spawnMax } from '../max-process.ts';
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
  await max.end('SIGKILL');
  expect(marked(command).length).toBeGreaterThan(0);

  const next: MaxKit = await openSessions({ dir });
  expect([...marked(shell), ...marked(command)]).toEqual([]);
  const { items } = (await next.ask('GET', '/v1/audit')).json;
  expect(items.map(({ session, end }: { session: string; end: unknown }) => [session, end])).toEqual([
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
  await next.remove();
  rmSync(join(dir, '..'), { recursive: true, force: true });
});
