import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ApiToken, AuditEntry } from '@rig/plugin-api/max';
import { answering, deploy, writeNodeApp } from '../support/app.ts';
import type { RunningMax } from '../support/max.ts';
import { rig, rigJson } from '../support/rig.ts';
import { rigOnScreen } from '../support/terminal.ts';
import type { Line } from './line.ts';

const APP = 'inside.shells';

/** A token that may do everything but look inside an app. */
async function withoutShell(max: RunningMax): Promise<string> {
  const answer = await fetch(`${max.url}/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'outside', scopes: ['read', 'deploy'] }),
  });
  return ((await answer.json()) as ApiToken & { token: string }).token;
}

/** A shell on a real terminal and a command through pipes, both refused without the scope, both in the audit. */
export const insideTheApp: Line = {
  handoff: '4 → 5 operations',
  name: 'shell and command work with access control and an audit line each',
  async check({ max }) {
    await deploy(max, APP, await writeNodeApp(join(max.home.dir, 'inside'), answering('here')));
    const screen = rigOnScreen(max.home, ['shell', '--app', APP]);
    try {
      await screen.until('a prompt', (rows) => rows.some((row) => row.trim() !== ''));
      screen.type('echo "tty $(tty | cut -c1-9) of $MAX_APP"; exit 7\r');
      await screen.shows('tty /dev/pts/ of inside');
      assert.equal((await screen.ended).exitCode, 7);
    } finally {
      await screen.close();
    }
    const began = performance.now();
    const script = 'cat; echo oops >&2; exit 9';
    const ran = await rig(max.home, ['command', '--app', APP, '--', 'sh', '-c', script], { input: 'from stdin' });
    const took = performance.now() - began;
    assert.deepEqual([ran.stdout, ran.stderr.includes('oops'), ran.exitCode], ['from stdin', true, 9]);

    const denied = { RIG_SERVER: max.url, RIG_TOKEN: await withoutShell(max) };
    const refused = await rig(max.home, ['command', '--app', APP, '--', 'true'], { env: denied });
    assert.equal(refused.exitCode, 4, refused.stderr);
    const shut = rigOnScreen(max.home, ['shell', '--app', APP], { env: denied });
    assert.equal((await shut.ended).exitCode, 4, shut.text());
    for (const said of [refused.stderr, shut.text()]) assert.match(said, /RIG_FORBIDDEN/);
    await shut.close();
    const audit = await rigJson<AuditEntry[]>(max.home, ['list', 'audit', '--app', APP]);
    const told = audit.map(({ action, what, end, bytesIn, bytesOut }) => ({
      action,
      what,
      code: end?.code,
      bytesIn,
      bytesOut,
    }));
    assert.equal(told.length, 2, JSON.stringify(audit));
    const [command, shell] = told;
    assert.deepEqual([command?.action, command?.code, command?.bytesIn], ['command', 9, 'from stdin'.length]);
    assert.ok(command?.what?.includes(script));
    assert.deepEqual([shell?.action, shell?.code, shell?.what], ['shell', 7, null]);
    assert.ok((shell?.bytesIn ?? 0) > 0 && (shell?.bytesOut ?? 0) > 0);
    return { value: took, unit: 'ms', note: 'for rig command with standard input, from its start to its end' };
  },
};
