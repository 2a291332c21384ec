import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The reference channels, served by another process. */
export interface ReferenceProcess {
  readonly port: number;
  readonly pid: number;
  /** Ends it by a signal; settles when it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts `npm run conformance:server` on a port, or on any free one. */
export async function startReferenceProcess(port = 0): Promise<ReferenceProcess> {
  const entry = join(import.meta.dirname, 'server.ts');
  const child: ChildProcess = spawn(
    process.execPath,
    ['--conditions=rig-source', '--import', 'tsx', entry, '--port', String(port)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const gone = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const bound = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (bound === undefined) continue;
    return {
      port: Number(bound),
      pid: child.pid as number,
      async end(signal) {
        child.kill(signal);
        await gone;
      },
    };
  }
  throw new Error('the reference channels were not served');
}
