import { ExitCode, type Http, RigError } from '@rig/plugin-api';
import { type AuditEntry, LOG_TIME_FORMS, parseLogTime, SESSION_KINDS, type SessionKind } from '@rig/plugin-api/max';
import type { Ref } from './apps.ts';
import { explain } from './explain.ts';
import { take } from './take.ts';

/** Which entries of the audit are listed. */
export interface AuditSelection {
  app: Ref | undefined;
  network: string | undefined;
  /** Name of a user. */
  user: string | undefined;
  action: SessionKind | undefined;
  /** ISO 8601. */
  since: string | undefined;
}

/** Reads the value of `--action`. @throws RigError `RIG_BAD_OPTION` (2) */
export function parseAction(text: string | undefined): SessionKind | undefined {
  if (text === undefined) return undefined;
  const action = SESSION_KINDS.find((kind) => kind === text);
  if (action !== undefined) return action;
  throw new RigError({
    code: 'RIG_BAD_OPTION',
    message: `--action must be one of ${SESSION_KINDS.join(', ')}, and is ${JSON.stringify(text)}`,
    hint: 'for example: --action command',
    exitCode: ExitCode.Usage,
  });
}

/** Reads the value of `--since`. @throws RigError `RIG_BAD_OPTION` (2) */
export function parseSince(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = parseLogTime(text, Date.now());
  if (at !== undefined) return new Date(at).toISOString();
  throw new RigError({
    code: 'RIG_BAD_OPTION',
    message: `--since must be ${LOG_TIME_FORMS}, and is ${JSON.stringify(text)}`,
    hint: 'for example: --since 1d',
    exitCode: ExitCode.Usage,
  });
}

/**
 * The newest entries of the audit. Names are those of then: an app that is deleted by now keeps its entries.
 *
 * @throws RigError `RIG_FORBIDDEN` (4) for a token without the scope `admin`
 */
export function listAudit(http: Http, selection: AuditSelection, limit: number): Promise<AuditEntry[]> {
  const { app, user, action, since } = selection;
  const network = app?.network ?? selection.network;
  const query = { network, app: app?.app, user, action, since };
  const hints = {
    RIG_FORBIDDEN: 'the audit is for administrators: sign in with a token that has the scope "admin", by rig login',
  };
  return explain(hints, () => take(http.pages<AuditEntry>('/v1/audit', { query }), limit));
}
