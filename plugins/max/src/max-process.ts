import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ExitCode, RigError, type Services } from '@rig/plugin-api';
import { errorOf, type MaxMessage } from './ipc.ts';
import type { ServeOptions } from './serve-options.ts';
import { limitArguments } from './sessions/limits-option.ts';
import { unusable } from './store/errors.ts';
import { prepareStateDir } from './store/prepare-state-dir.ts';

/** How long a Max may take until it serves, or has done its errand. */
const DEADLINE_MS = 60_000;

/** Max's own bundle beside this one; its source where rig runs from source. */
export function serveModule(): URL {
  const built = new URL('./serve.js', import.meta.url);
  return existsSync(fileURLToPath(built)) ? built : new URL('./serve.ts', import.meta.url);
}

function nodeArguments(module: URL): string[] {
  const file = fileURLToPath(module);
  if (!file.endsWith('.ts')) return [file];
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--conditions=rig-source', '--import', loader, file];
}

/** What Max and its apps need not know: rig's own settings, and a token that is somebody's. */
function environmentOf(env: Services['runtime']['env']): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('RIG_')));
}

function openLogFile(dir: string, logFile: string): number {
  try {
    return openSync(logFile, 'a', 0o600);
  } catch (error) {
    throw unusable(dir, error);
  }
}

function start(runtime: Services['runtime'], options: ServeOptions, logFile: string): ChildProcess {
  prepareStateDir(options.dir);
  const log = openLogFile(options.dir, logFile);
  try {
    const args = ['--state-dir', options.dir, '--port', String(options.port), '--task', options.task];
    const [node] = runtime.self;
    const limits = limitArguments(options.sessions ?? {});
    return spawn(node, [...nodeArguments(serveModule()), ...args, ...limits, '--max-version', options.version], {
      // A session of its own: what ends the terminal, or its foreground job, does not end Max.
      detached: true,
      // Not where rig was started: that folder may be removed, or its disk be taken out.
      cwd: options.dir,
      env: environmentOf(runtime.env),
      stdio: ['ignore', log, log, 'ipc'],
    });
  } finally {
    closeSync(log);
  }
}

function failed(what: string, logFile: string): RigError {
  return new RigError({
    code: 'RIG_MAX_FAILED',
    message: `Max ${what} before it was ready`,
    hint: `its log is ${logFile}`,
  });
}

/**
 * Starts a Max process and waits for what it says first: that it serves, that its errand is done, or why not. A process
 * that serves is left alone then.
 *
 * @throws RigError what Max failed with, `RIG_TIMEOUT` (7), `RIG_INTERRUPTED` (130)
 */
export async function runMaxProcess(
  services: Pick<Services, 'runtime' | 'signal'>,
  options: ServeOptions,
): Promise<MaxMessage & { kind: 'ready' | 'done' }> {
  const logFile = join(options.dir, 'max.log');
  const child = start(services.runtime, options, logFile);
  try {
    const message = await firstMessage(child, services.signal, logFile);
    if (message.kind === 'failed') throw errorOf(message);
    return message;
  } catch (error) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    throw error;
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

async function firstMessage(child: ChildProcess, signal: AbortSignal, logFile: string): Promise<MaxMessage> {
  const stop = new AbortController();
  try {
    return await new Promise<MaxMessage>((resolve, reject) => {
      const { signal: over } = stop;
      const timer = setTimeout(
        () =>
          reject(
            new RigError({
              code: 'RIG_TIMEOUT',
              message: 'Max did not start within a minute',
              hint: `its log is ${logFile}`,
              exitCode: ExitCode.TimedOut,
            }),
          ),
        DEADLINE_MS,
      );
      over.addEventListener('abort', () => clearTimeout(timer));
      const interrupt = (): void =>
        reject(new RigError({ code: 'RIG_INTERRUPTED', message: 'interrupted', exitCode: ExitCode.Interrupted }));
      if (signal.aborted) interrupt();
      signal.addEventListener('abort', interrupt, { signal: over });
      child.once('message', (message) => resolve(message as MaxMessage));
      child.once('error', (error) => reject(failed(`did not start (${error.message})`, logFile)));
      // Its message, if it sent one, came before: `exit` may not wait for the channel, `close` does.
      child.once('close', (code, by) => reject(failed(`ended (${by ?? `exit ${code}`})`, logFile)));
    });
  } finally {
    stop.abort();
  }
}
