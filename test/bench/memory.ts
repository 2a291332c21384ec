import { join } from 'node:path';
import { startMax } from '../support/max.ts';
import { RIG, rigOk } from '../support/rig.ts';
import type { Figure } from './figure.ts';
import { peakMemory } from './measure.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'hello-node');

/** Peak memory of a command that stays on this machine, and of one with a socket. */
export async function measureMemory(runs: number): Promise<Figure[]> {
  const max = await startMax();
  try {
    const peak = (name: string, limit: number | undefined, args: string[]): Figure => ({
      name: `peak memory: ${name}`,
      value: peakMemory({ name, args, env: max.home.env }, runs),
      unit: 'MiB',
      ...(limit === undefined ? {} : { limit }),
    });
    await rigOk(max.home, ['create', 'network', 'bench']);
    await rigOk(max.home, ['create', 'app', 'hello', '--network', 'bench']);
    return [
      peak('node -e 0', undefined, ['-e', '0']),
      peak('rig config list', 55, [RIG, 'config', 'list']),
      peak('rig list networks, over HTTP', undefined, [RIG, 'list', 'networks']),
      peak('rig deploy, over HTTP and a socket', 75, [RIG, 'deploy', EXAMPLE, '--app', 'hello.bench']),
    ];
  } finally {
    await max.stop();
  }
}
