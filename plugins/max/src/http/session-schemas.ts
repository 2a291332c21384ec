import { SESSION_KINDS } from '@rig/plugin-api/max';
import { flag, list, name, number, object, oneOf, orNull, page, type Schema, text, time } from './schema-parts.ts';

const count: Schema = { type: 'integer', minimum: 1, maximum: 10_000 };
const terminal = { columns: count, rows: count };
const sessionEnd = object({
  reason: oneOf('exited', 'stopped', 'timeout', 'idle', 'limit', 'abandoned', 'max-stopped', 'failed'),
  code: orNull(number),
  signal: orNull(text),
  durationMs: number,
  'detail?': text,
});
const place = { network: name, app: orNull(name), instance: orNull(text), release: orNull(number) };

/** The schemas of shells, commands and connections, and of their audit. */
export const sessionSchemas: Readonly<Record<string, Schema>> = {
  CreateShell: object({ kind: oneOf('shell'), terminal: object({ ...terminal, term: text }) }),
  CreateSession: {
    oneOf: [
      object({ kind: oneOf('shell'), 'instance?': text, terminal: object({ ...terminal, term: text }) }),
      object({
        kind: oneOf('command'),
        argv: list(text),
        'instance?': text,
        'timeoutSeconds?': number,
        'detach?': flag,
      }),
      object({ kind: oneOf('ssh'), 'instance?': text }),
      object({ kind: oneOf('forward'), 'port?': number, 'instance?': text }),
    ],
  },
  Session: object({
    id: text,
    kind: oneOf(...SESSION_KINDS),
    ...place,
    argv: orNull(list(text)),
    state: oneOf('running', 'ended'),
    detached: flag,
    attached: flag,
    user: text,
    startedAt: time,
    endedAt: orNull(time),
    end: orNull(sessionEnd),
  }),
  SessionPage: page('Session'),
  AuditEntry: object({
    id: text,
    at: time,
    user: text,
    token: orNull(object({ id: text, name: text })),
    action: oneOf(...SESSION_KINDS),
    ...place,
    what: orNull(text),
    from: text,
    session: text,
    endedAt: orNull(time),
    end: orNull(sessionEnd),
    bytesIn: number,
    bytesOut: number,
  }),
  AuditPage: page('AuditEntry'),
};
