import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Deployment } from '@rig/plugin-api/max';
import { onTestFinished } from 'vitest';
import type { Tree } from './kit.ts';

/** What a Max of another process is told to do. */
export type Order = { deploy: Tree } | { scale: Record<string, number> } | { stop: true } | { start: true };

/** Starts a Max in a process of its own; it ends with the test at the latest. */
export async function startMax(dir: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'serve-child.ts'), [dir], {
    execArgv: ['--import', 'tsx', '--conditions=rig-source'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

/** Kills it and waits for its end. */
export async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Tells it to do something; gives the deployment once it is made (`id`) or has ended. */
export async function tell(child: ChildProcess, order: Order, wanted: 'id' | 'deployment'): Promise<Deployment> {
  child.send(order);
  for (;;) {
    const [message] = (await once(child, 'message')) as [{ id?: string; deployment?: Deployment }];
    if (wanted in message) return message.deployment ?? ({ id: message.id } as Deployment);
  }
}
