import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { build } from '../../../../plugins/max/src/build/build.ts';
import { BuildLog } from '../../../../plugins/max/src/build/build-log.ts';
import type { BuildLimits } from '../../../../plugins/max/src/build/limits.ts';
import { processesOf } from '../../../../plugins/max/src/engine/process-table.ts';
import { Log } from '../../../../plugins/max/src/logs/log.ts';

let dir: string;
let log: BuildLog;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-limits-'));
  mkdirSync(join(dir, 'app'));
  log = new BuildLog(Log.open(join(dir, 'log')));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Builds an app whose build script is the given shell command. */
function run(buildId: string, script: string, limits: Partial<BuildLimits>): Promise<unknown> {
  const manifest = { scripts: { start: 'node x', build: script } };
  writeFileSync(join(dir, 'app', 'package.json'), JSON.stringify(manifest));
  const signal = new AbortController().signal;
  const folder = join(dir, 'app');
  return build({ buildId, folder, tmp: join(dir, 'tmp'), log, logCommand: 'rig logs build x', signal, limits });
}

test.each([
  ['hangs', 'echo begun; sleep 600', { ms: 3_000 }, /took longer than 3 seconds/],
  ['floods its log', 'while :; do echo flood; done', { outputBytes: 200_000 }, /printed more than 200000 bytes/],
  [
    'forks',
    'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 600 & done; wait',
    { processes: 10 },
    /ran more than 10 processes at once/,
  ],
])('a build that %s is ended with all its processes, and that is said', async (name, script, limits, reason) => {
  const id = `bld_limit_${name.replaceAll(' ', '_')}`;
  await expect(run(id, script, limits)).rejects.toMatchObject({
    code: 'RIG_BUILD_FAILED',
    message: expect.stringMatching(reason),
    fix: expect.stringContaining('rig logs build x'),
  });
  expect(processesOf(id)).toEqual([]);
  const text = log.log.read(0, { lines: 100_000 }).lines.reduce((sum, line) => sum + line.text.length, 0);
  expect(text).toBeLessThan(300_000);
});
