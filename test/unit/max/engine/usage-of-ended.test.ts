import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { MARK } from '../../../../plugins/max/src/engine/engine.ts';
import { TICKS_A_SECOND } from '../../../../plugins/max/src/engine/proc-stat.ts';
import { ProcUsage } from '../../../../plugins/max/src/engine/proc-usage.ts';

/** Called once a process was read of the real `/proc`, as a process may end at any moment of a look. */
let wasRead: (pid: number) => void = () => {};
vi.mock(import('../../../../plugins/max/src/engine/proc-stat.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    readProcStat: (pid) => {
      const stat = real.readProcStat(pid);
      wasRead(pid);
      return stat;
    },
  };
});
afterEach(() => {
  wasRead = () => {};
});

/** Waits without a turn of the event loop. */
function waitFor(isSo: () => boolean): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (!isSo()) Atomics.wait(cell, 0, 0, 1);
}

const CHILD = "while (process.cpuUsage().user < 300_000); console.log('spent'); setInterval(() => {}, 1e6)";
const PARENT = `const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(CHILD)}]);
child.stdout.once('data', () => console.log(child.pid));
setInterval(() => {}, 1e6);`;

test.skipIf(process.platform !== 'linux')(
  'what a child has used counts once, though it ends between the moments that its parent and it are looked at',
  async () => {
    const env = { PATH: process.env.PATH ?? '', [MARK]: 'ins_parent' };
    const parent = spawn(process.execPath, ['-e', PARENT], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const leaders = [{ id: 'ins_parent', pid: parent.pid as number }];
    const meter = new ProcUsage();
    const look = async (): Promise<number> => {
      const { cpuSeconds } = (await meter.look(leaders)).get('ins_parent') ?? { cpuSeconds: 0 };
      return Math.round(cpuSeconds * TICKS_A_SECOND);
    };
    try {
      // What is there before the first look is not counted.
      await look();
      const [said] = (await once(parent.stdout, 'data')) as [Buffer];
      const child = Number(said);
      const first = await look();
      expect(first).toBeGreaterThanOrEqual(30);
      wasRead = (pid) => {
        if (pid !== parent.pid) return;
        process.kill(child, 'SIGKILL');
        waitFor(() => !existsSync(`/proc/${child}`));
      };
      await look();
      wasRead = () => {};
      expect(await look()).toBeLessThan(first / 2);
    } finally {
      process.kill(-(parent.pid as number), 'SIGKILL');
    }
  },
);
