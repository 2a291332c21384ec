import type { AuditEntry, SessionEnd, SessionKind } from '@rig/plugin-api/max';
import type { Principal } from '../auth/authority.ts';
import type { Database, SqlValue } from './database.ts';
import { newId } from './ids.ts';

/** Entries that are kept. */
const AUDIT_KEPT = 100_000;

/** Characters that are kept of what was run. */
const LONGEST_WHAT = 4_000;

/** What is known when something begins. */
export interface AuditBegin
  extends Pick<AuditEntry, 'at' | 'network' | 'app' | 'instance' | 'release' | 'what' | 'from' | 'session'> {
  principal: Principal;
  action: SessionKind;
  networkId: string;
  appId: string | null;
  /** It goes on without Max: the next one does not close it. */
  outlives?: boolean;
}

/** An entry that is open. */
export interface AuditLine {
  readonly id: string;
  /** Says how it ended, and how many bytes went in and came out. */
  end(end: SessionEnd, bytes: { in: number; out: number }): void;
}

/** Which entries. */
export interface AuditFilter {
  networkId?: string | undefined;
  appId?: string | undefined;
  /** A user's name. */
  user?: string | undefined;
  action?: string | undefined;
  /** What began then or later, ISO 8601 in UTC. */
  since?: string | undefined;
}

type Row = Omit<AuditEntry, 'token' | 'end'> & {
  number: number;
  tokenId: string | null;
  tokenName: string | null;
  end: string | null;
};

const SELECT = `SELECT number, id, at, user, token_id AS tokenId, token_name AS tokenName, action, network, app, instance, release,
  what, address AS "from", session, ended_at AS endedAt, end, bytes_in AS bytesIn, bytes_out AS bytesOut FROM audit`;

const INSERT = `INSERT INTO audit (id, at, user_id, user, token_id, token_name, action, network_id, network, app_id, app, instance,
  release, what, address, session, outlives) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** What was done inside apps and networks, and by whom: each line is on disk before what it tells of begins. */
export class Audit {
  readonly #db: Database;
  readonly #kept: number;
  #untilPruned = 0;

  /** @param kept entries that are kept, for tests */
  constructor(db: Database, kept = AUDIT_KEPT) {
    this.#db = db;
    this.#kept = kept;
  }

  /** Writes that something begins. Never the value of a var or a secret. */
  begin(begin: AuditBegin): AuditLine {
    const { at, principal, action, networkId, network, appId, app, instance, release, what, from, session } = begin;
    const id = newId('aud');
    const token = this.#tokenOf(principal.grant);
    const who: SqlValue[] = [principal.user.id, principal.user.name, token?.id ?? null, token?.name ?? null];
    const where: SqlValue[] = [networkId, network, appId, app, instance, release];
    this.#db.run(INSERT, [id, at, ...who, action, ...where, cut(what), from, session, begin.outlives === true ? 1 : 0]);
    this.#prune();
    return { id, end: (end, bytes) => this.end(id, end, bytes) };
  }

  /** Closes an entry that is open. */
  end(id: string, end: SessionEnd, bytes: { in: number; out: number }): void {
    this.#db.run(
      'UPDATE audit SET ended_at = ?, end = ?, bytes_in = ?, bytes_out = ? WHERE id = ? AND ended_at IS NULL',
      [new Date().toISOString(), JSON.stringify(end), bytes.in, bytes.out, id],
    );
  }

  /** Entries that are open and should have ended with Max. */
  open(): AuditEntry[] {
    return this.#open(0);
  }

  /** Entries that are open and go on without Max. */
  openOutliving(): AuditEntry[] {
    return this.#open(1);
  }

  /** Closes entries whose end nobody has seen; gives how many. */
  closeUnseen(open: readonly AuditEntry[], how: Pick<SessionEnd, 'reason' | 'detail'>): number {
    const now = Date.now();
    this.#db.transaction(() => {
      for (const { id, at } of open) {
        const durationMs = Math.max(0, now - Date.parse(at));
        this.end(id, { ...how, code: null, signal: null, durationMs }, { in: 0, out: 0 });
      }
    });
    return open.length;
  }

  /** The entry that a session of a user began with. */
  ofSession(session: string, userId: string): AuditEntry | undefined {
    const row = this.#db.get<Row>(`${SELECT} WHERE session = ? AND user_id = ? ORDER BY number LIMIT 1`, [
      session,
      userId,
    ]);
    return row && show(row);
  }

  /** Up to `limit` entries, newest first, older than `before`. */
  page(
    { networkId, appId, user, action, since }: AuditFilter,
    before: number,
    limit: number,
  ): Array<AuditEntry & { number: number }> {
    const where = ['number < ?'];
    const values: SqlValue[] = [before];
    for (const [column, value] of Object.entries({ network_id: networkId, app_id: appId, user, action }))
      if (value !== undefined) {
        where.push(`${column} = ?`);
        values.push(value);
      }
    if (since !== undefined) {
      where.push('at >= ?');
      values.push(since);
    }
    return this.#db
      .all<Row>(`${SELECT} WHERE ${where.join(' AND ')} ORDER BY number DESC LIMIT ?`, [...values, limit])
      .map((row) => ({ ...show(row), number: row.number }));
  }

  #open(outlives: 0 | 1): AuditEntry[] {
    const where = 'WHERE ended_at IS NULL AND outlives = ? ORDER BY number';
    return this.#db.all<Row>(`${SELECT} ${where}`, [outlives]).map(show);
  }

  /** The API token of a request: its own, or the one that its sign-in was made with. */
  #tokenOf(grant: string): { id: string; name: string } | undefined {
    return this.#db.get(
      'SELECT id, name FROM api_tokens WHERE id = ? OR id = (SELECT api_token_id FROM token_families WHERE id = ?)',
      [grant, grant],
    );
  }

  /** Drops, now and then, the oldest of whoever has the most: one who floods it drives out what is his own. */
  #prune(): void {
    this.#untilPruned -= 1;
    if (this.#untilPruned > 0) return;
    this.#untilPruned = Math.ceil(this.#kept / 100);
    const all = this.#db.all<{ user: string; token: string | null; count: number }>(
      'SELECT user_id AS user, token_id AS token, count(*) AS count FROM audit GROUP BY user_id, token_id ORDER BY count DESC',
    );
    const tooMany = all.reduce((sum, { count }) => sum + count, 0) - this.#kept;
    if (tooMany <= 0) return;
    this.#db.run(
      `DELETE FROM audit WHERE number IN (SELECT number FROM audit
        WHERE user_id = ? AND token_id IS ? AND ended_at IS NOT NULL ORDER BY number LIMIT ?)`,
      [all[0]!.user, all[0]!.token, tooMany],
    );
  }
}

const cut = (what: string | null): string | null =>
  what !== null && what.length > LONGEST_WHAT ? `${what.slice(0, LONGEST_WHAT)}…` : what;

function show({ tokenId, tokenName, end, number: _, ...row }: Row): AuditEntry {
  const token = tokenId === null ? null : { id: tokenId, name: tokenName ?? '' };
  return { ...row, token, end: end === null ? null : (JSON.parse(end) as SessionEnd) };
}
