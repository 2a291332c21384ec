import { parseArgs } from 'node:util';
import { ExitCode, RigError } from '@rig/plugin-api';
import { sessionLimitsOf } from './sessions/limits-option.ts';
import type { SessionTuning } from './sessions/tuning.ts';
import { DEFAULT_PORT } from './store/state-paths.ts';

/** What a Max process is told to do. */
export interface ServeOptions {
  dir: string;
  port: number;
  version: string;
  owner: string | undefined;
  /** Times and limits of sessions that are not the usual ones. */
  sessions?: Partial<SessionTuning> | undefined;
  /** `serve`, or one errand on the state folder of a Max that does not run. */
  task: 'serve' | 'stop-apps' | 'reset';
}

const usage = (message: string): RigError =>
  new RigError({
    code: 'RIG_USAGE',
    message,
    hint: 'serve.js --state-dir DIR [--port N] [--session-idle 1h] [--session-limit 24h] [--task serve|stop-apps|reset]',
    exitCode: ExitCode.Usage,
  });

/**
 * Reads a port.
 *
 * @throws RigError `RIG_USAGE` (2)
 */
export function readPort(text: string, from: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw usage(`${from} must be a port from 0 to 65535, and it is ${JSON.stringify(text)}`);
}

function parse(argv: readonly string[]) {
  const option = { type: 'string' } as const;
  const options = {
    'state-dir': option,
    port: option,
    task: option,
    owner: option,
    'session-idle': option,
    'session-limit': option,
    'max-version': option,
  };
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Reads what the process was started with: options first, then `RIG_MAX_DIR`, `RIG_MAX_PORT`, `RIG_MAX_SESSION_IDLE` and
 * `RIG_MAX_SESSION_LIMIT`.
 *
 * @throws RigError `RIG_USAGE` (2)
 */
export function readServeOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ServeOptions {
  const values = parse(argv);
  const dir = values['state-dir'] ?? env.RIG_MAX_DIR;
  if (dir === undefined || dir === '') throw usage('no state folder was given');
  const task = values.task ?? 'serve';
  if (task !== 'serve' && task !== 'stop-apps' && task !== 'reset') throw usage(`there is no task "${task}"`);
  const sessions = sessionLimitsOf(env, { idle: values['session-idle'], limit: values['session-limit'] });
  const port =
    values.port === undefined
      ? readPort(env.RIG_MAX_PORT || String(DEFAULT_PORT), 'RIG_MAX_PORT')
      : readPort(values.port, '--port');
  return { dir, port, task, owner: values.owner, sessions, version: values['max-version'] ?? '0.1.0' };
}
