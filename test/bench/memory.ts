import { startMax } from '../support/max.ts';
import { RIG } from '../support/rig.ts';
import type { Figure } from './figure.ts';
import { peakMemory } from './measure.ts';

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
    return [
      peak('node -e 0', undefined, ['-e', '0']),
      peak('rig config list', 55, [RIG, 'config', 'list']),
      peak('rig list networks', undefined, [RIG, 'list', 'networks']),
    ];
  } finally {
    await max.stop();
  }
}
