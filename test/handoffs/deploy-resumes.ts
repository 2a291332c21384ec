import assert from 'node:assert/strict';
import { join } from 'node:path';
import { runMeasured } from '../bench/measure.ts';
import { peakOfProcess } from '../bench/process-memory.ts';
import { writeLargeFile } from '../bench/trees.ts';
import type { Deployed } from '../support/app.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { startMax } from '../support/max.ts';
import { RIG, rig, rigOk } from '../support/rig.ts';
import type { Line } from './line.ts';

const MIB = 1024 * 1024;
const FILE_MIB = 400;
const CUT_AT = 200 * MIB;
/** What may be under way when the connection is cut: four requests of a pack each. */
const UNDER_WAY = 4 * 8 * MIB;

/** A large deploy streams, and goes on where it was cut. */
export const deployResumes: Line = {
  handoff: '4 → 5 operations',
  name: 'a deploy of > 100 MB streams with bounded memory and resumes after a cut',
  async check() {
    const max = await startMax();
    try {
      const dir = join(max.home.dir, 'large');
      writeLargeFile(dir, FILE_MIB);
      await rigOk(max.home, ['create', 'network', 'large']);
      await rigOk(max.home, ['create', 'app', 'file.large']);
      const args = ['deploy', dir, '--app', 'file.large', '-o', 'json'];
      const proxy = await startCuttingProxy(max.port, CUT_AT);
      const env = { RIG_SERVER: `http://127.0.0.1:${proxy.port}`, RIG_TOKEN: max.token };
      const cut = await rig(max.home, args, { env, timeout: 120_000 });
      assert.equal(cut.exitCode, 6, `the cut deploy ended with ${cut.exitCode}: ${cut.stderr}`);
      assert.ok(proxy.bytes >= CUT_AT, 'it was cut too early');

      const { peak, stdout } = runMeasured({ name: 'rig deploy', args: [RIG, ...args], env: max.home.env });
      const { bytes, sentBytes } = JSON.parse(stdout) as Deployed;
      const kept = bytes - sentBytes;
      assert.ok(kept >= CUT_AT - UNDER_WAY, `of ${CUT_AT / MIB} MiB that went up only ${kept / MIB} were kept`);
      const maxPeak = peakOfProcess(max.pid);
      assert.ok((maxPeak ?? 0) <= 250, `Max's memory peaked at ${maxPeak} MiB`);
      const sent = `${(sentBytes / MIB).toFixed(0)} of ${FILE_MIB} MiB sent after a cut at ${CUT_AT / MIB}`;
      return { value: peak, unit: 'MiB', limit: 150, note: `client's peak; Max's ${maxPeak?.toFixed(0)}; ${sent}` };
    } finally {
      await max.stop();
    }
  },
};
