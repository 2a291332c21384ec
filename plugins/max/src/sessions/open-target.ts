import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CreateSession } from '@rig/plugin-api/max';
import type { SshHost } from '../ssh/ssh-host.ts';
import { openSsh } from '../ssh/ssh-target.ts';
import type { AuditLine } from '../store/audit.ts';
import { openForward } from './forward.ts';
import { openPipes } from './pipes.ts';
import type { SessionPlace } from './place.ts';
import { openPty } from './pty.ts';
import { shellProgram } from './shell-program.ts';
import type { SessionTarget } from './target.ts';

/** What is to run in a session, once the place for it was found. */
export interface TargetSpec {
  /** The session's id. */
  id: string;
  place: SessionPlace;
  request: CreateSession;
  /** Writes into the audit what is begun within the session. */
  record(what: string | null): AuditLine;
}

/** The folder of a session's own, beneath that of its place; removed with it. */
export function sessionFolder({ id, place }: Pick<TargetSpec, 'id' | 'place'>): string {
  return join(place.sessionsFolder, id);
}

/** Makes the folder of a session, and the environment of its programs. */
export function sessionEnvironment(spec: Pick<TargetSpec, 'id' | 'place'>): Record<string, string> {
  const tmp = join(sessionFolder(spec), 'tmp');
  mkdirSync(tmp, { recursive: true, mode: 0o700 });
  return spec.place.environment(tmp);
}

/**
 * Starts what runs in a session.
 *
 * @throws Error for a person
 */
export function openTarget(spec: TargetSpec, ssh: SshHost): SessionTarget {
  const { id, place, request } = spec;
  const { cwd } = place;
  const folder = sessionFolder(spec);
  switch (request.kind) {
    case 'shell': {
      const { term, columns, rows } = request.terminal;
      const { argv, env } = shellProgram(sessionEnvironment(spec), folder);
      return openPty({ id, argv, cwd, env: { ...env, TERM: term } }, { columns, rows });
    }
    case 'command':
      return openPipes({ id, argv: request.argv as [string, ...string[]], cwd, env: sessionEnvironment(spec) });
    case 'forward':
      return openForward(request.port ?? place.port ?? 0);
    case 'ssh':
      return openSsh(ssh, { ...spec, folder: sessionFolder(spec), env: sessionEnvironment(spec) });
  }
}
