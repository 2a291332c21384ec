import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployed } from '../support/app.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { RIG, rigOk } from '../support/rig.ts';
import type { Figure } from './figure.ts';
import { runMeasured } from './measure.ts';
import { peakOfProcess } from './process-memory.ts';
import { writeLargeFile, writeManyFiles } from './trees.ts';

const CLIENT_MIB = 150;
const MAX_MIB = 250;
const MEGABYTE = 1e6;

/** A tree of some size. */
interface Size {
  name: string;
  write(dir: string): void;
  /** Changes a little of it. */
  change(dir: string): void;
  /** What the change may cost at most, in MB sent. */
  rest: number;
  changed: string;
}

const SIZES: readonly Size[] = [
  {
    name: '17,000 files, 100 MB',
    write: writeManyFiles,
    change: (dir) => writeFileSync(join(dir, 'folder-7', 'file-7.bin'), 'changed'),
    rest: 0.001,
    changed: 'one file changed',
  },
  {
    name: 'one file of 1 GB',
    // Random bytes: the worst case. To a Max on the same machine nothing is compressed in any case.
    write: (dir) => writeLargeFile(dir, 1024),
    change: (dir) => writeLargeFile(dir, 1024, 'put into the middle'),
    rest: 40,
    changed: 'some bytes put into its middle',
  },
];

/** Memory of client and Max, speed, and what a second deploy sends, for a large tree and a large file. */
export async function measureDeploySize(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of SIZES) {
    // A Max of its own for each: the peak of a process is that of its whole life.
    const max = await startMax();
    try {
      figures.push(...(await measureSize(max, size)));
    } finally {
      await max.stop();
    }
  }
  return figures;
}

async function measureSize(max: RunningMax, size: Size): Promise<Figure[]> {
  const dir = join(max.home.dir, 'tree');
  size.write(dir);
  await rigOk(max.home, ['create', 'network', 'bench']);
  await rigOk(max.home, ['create', 'app', 'large', '--network', 'bench']);
  const args = [RIG, 'deploy', dir, '--app', 'large.bench', '-o', 'json'];
  const deploy = () => runMeasured({ name: `rig deploy, ${size.name}`, args, env: max.home.env });
  const first = deploy();
  size.change(dir);
  const second = deploy();
  const [whole, rest] = [first, second].map(({ stdout }) => JSON.parse(stdout) as Deployed) as [Deployed, Deployed];
  const figure = (what: string, value: number, unit: Figure['unit'], more: Partial<Figure> = {}): Figure => ({
    name: `deploy of ${size.name}: ${what}`,
    value,
    unit,
    ...more,
  });
  const figures = [
    figure("client's peak memory", Math.max(first.peak, second.peak), 'MiB', { limit: CLIENT_MIB }),
    figure('from the tree to the app that serves', whole.bytes / MEGABYTE / (first.ms / 1000), 'MB/s', {
      note: `${(first.ms / 1000).toFixed(1)} s`,
    }),
    figure(`sent again with ${size.changed}`, rest.sentBytes / MEGABYTE, 'MB', {
      limit: size.rest,
      note: `of ${(rest.bytes / MEGABYTE).toFixed(0)} MB, in ${(second.ms / 1000).toFixed(1)} s`,
    }),
  ];
  const peak = peakOfProcess(max.pid);
  if (peak !== undefined) figures.push(figure("Max's peak memory", peak, 'MiB', { limit: MAX_MIB }));
  return figures;
}
