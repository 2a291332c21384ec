import { execa } from 'execa';

const BLOCK = 4096;

/**
 * Gives the blocks of an output file before `indexed` back to the file system, while its writer goes on appending. A
 * truncation could lose what is written at that moment; a hole cannot. Does nothing where the system has no such call.
 */
export async function reclaim(path: string, indexed: number): Promise<void> {
  if (process.platform !== 'linux') return;
  // The last indexed byte stays: it tells whether a line was amid.
  const length = Math.floor((indexed - 1) / BLOCK) * BLOCK;
  if (length < BLOCK) return;
  await execa('fallocate', ['--punch-hole', '--offset', '0', '--length', String(length), path], {
    reject: false,
    stdio: 'ignore',
    timeout: 10_000,
  });
}
