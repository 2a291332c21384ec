import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MARK } from '../../../../plugins/max/src/engine/engine.ts';
import { stopApps } from '../../../../plugins/max/src/max.ts';
import { openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { claimStateFolder } from '../../../../plugins/max/src/store/state-folder.ts';

let dir: string;
let stray: ChildProcess | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-replaced-'));
});
afterEach(() => {
  stray?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

test.runIf(process.platform === 'linux')(
  'an instance that neither the state nor the one before it tells of ends with the latter',
  async () => {
    claimStateFolder(dir).release();
    const replaced = join(dir, 'replaced');
    mkdirSync(replaced);
    openDatabase(join(replaced, 'max.db')).close();
    const env = { PATH: process.env.PATH, [MARK]: 'ins_a', HOME: join(dir, 'apps/app_a/home') };
    stray = spawn('sleep', ['600'], { env, stdio: 'ignore' });
    const ended = once(stray, 'exit');
    await once(stray, 'spawn');
    expect(await stopApps({ dir, version: '0', pid: process.pid, owner: 'ada' })).toBe(1);
    expect((await ended)[1]).toBe('SIGTERM');
    expect(readdirSync(dir)).not.toContain('replaced');
  },
);
