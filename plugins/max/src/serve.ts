import { realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRigError } from '@rig/plugin-api';
import { failureMessage, type MaxMessage } from './ipc.ts';
import { type MaxOptions, type RunningMax, resetState, startMax, stopApps } from './max.ts';
import { readServeOptions, type ServeOptions } from './serve-options.ts';

function ownerName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the system's list, as in some containers.
    return 'owner';
  }
}

function maxOptions(options: Omit<ServeOptions, 'task'>, also?: (line: string) => void): MaxOptions {
  const { dir, port, version, owner, sessions } = options;
  return { dir: resolve(dir), port, version, owner: owner ?? ownerName(), pid: process.pid, sessions, also };
}

/** Starts a Max in this process: for `rig max serve` and tests. */
export function serve(options: Omit<ServeOptions, 'task'>, also?: (line: string) => void): Promise<RunningMax> {
  return startMax(maxOptions(options, also));
}

function tell(message: MaxMessage): Promise<void> {
  return new Promise((done) => {
    if (process.send === undefined || !process.connected) done();
    else process.send(message, undefined, undefined, () => done());
  });
}

/** Logs to stderr where nobody listens at the other end: a Max that was started by hand or by a service manager. */
const toStderr = (line: string): void => {
  try {
    process.stderr.write(`${line}\n`);
  } catch {
    // A file on a full disk: there is nobody else to tell.
  }
};

/** A promise that nobody waited for harms nobody else; after an exception nobody caught, nothing can be relied on. */
function logFailures(max: RunningMax): void {
  const text = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.on('unhandledRejection', (error) => max.log(`a promise failed that nobody waited for: ${text(error)}`));
  process.on('uncaughtException', (error) => {
    max.log(`max ends, its apps go on running: ${text(error)}`);
    process.exit(1);
  });
}

async function runServe(options: ServeOptions): Promise<void> {
  const detached = process.send !== undefined;
  const max = await serve(options, detached ? undefined : toStderr);
  const end = (): void => {
    void max.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        toStderr(`stopping failed: ${String(error)}`);
        process.exit(1);
      },
    );
  };
  logFailures(max);
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  // A terminal that closes does not end Max; its own log has no need to be opened anew.
  process.on('SIGHUP', () => undefined);
  await tell({ kind: 'ready', url: max.url, port: max.port, pid: process.pid });
  if (process.connected) process.disconnect();
}

async function main(): Promise<void> {
  try {
    const options = readServeOptions(process.argv.slice(2), process.env);
    if (options.task === 'serve') return await runServe(options);
    const apps = await (options.task === 'reset' ? resetState : stopApps)(maxOptions(options));
    await tell({ kind: 'done', apps });
    process.exit(0);
  } catch (error) {
    const hint = isRigError(error) && error.hint !== undefined ? `\n  ${error.hint}` : '';
    // Before anything is written: the log may be on a disk that is full.
    await tell(failureMessage(error));
    toStderr(isRigError(error) ? `${error.code}: ${error.message}${hint}` : String((error as Error)?.stack ?? error));
    process.exit(isRigError(error) ? error.exitCode : 1);
  }
}

function isEntry(): boolean {
  try {
    return realpathSync(process.argv[1] ?? '') === realpathSync(fileURLToPath(import.meta.url));
  } catch {
    return false;
  }
}

if (isEntry()) void main();
