import type { SessionEnd } from '@rig/plugin-api/max';
import type { ProcessRecord } from '../../engine/engine.ts';
import type { Database } from '../../store/database.ts';

/** A detached command as it is stored. */
export interface DetachedRow {
  number: number;
  /** Id of its session. */
  id: string;
  appId: string;
  userId: string;
  userName: string;
  instance: string;
  release: number;
  /** What it runs, values of the app blotted out. */
  argv: string[];
  pid: number | null;
  identity: string | null;
  startedAt: string;
  /** When its own limit ends it. */
  endsAt: string | null;
  /** Why Max is ending it; kept, so that the next Max knows. */
  ending: Ending | null;
  /** Offsets before which its output is dropped. */
  stdoutStart: number;
  stderrStart: number;
  endedAt: string | null;
  end: SessionEnd | null;
}

/** Why Max ends a command. */
export type Ending = 'stopped' | 'timeout' | 'max-stopped';

/** What is known of a command before it has a process. */
export type NewDetached = Pick<
  DetachedRow,
  'id' | 'appId' | 'userId' | 'userName' | 'instance' | 'release' | 'argv' | 'startedAt' | 'endsAt'
>;

type Stored = Omit<DetachedRow, 'argv' | 'end'> & { argv: string; end: string | null };

const SELECT = `SELECT number, id, app_id AS appId, user_id AS userId, user_name AS userName, instance, release, argv, pid, identity,
  started_at AS startedAt, ends_at AS endsAt, ending, stdout_start AS stdoutStart, stderr_start AS stderrStart,
  ended_at AS endedAt, outcome AS end FROM detached_commands`;

/** The detached commands of this Max: those that run, and those whose output is still kept. */
export class DetachedRows {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Notes that a command is about to be: from here on its mark is known. */
  create({ id, appId, userId, userName, instance, release, argv, startedAt, endsAt }: NewDetached): void {
    this.#db.run(
      `INSERT INTO detached_commands (id, app_id, user_id, user_name, instance, release, argv, started_at, ends_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [id, appId, userId, userName, instance, release, JSON.stringify(argv), startedAt, endsAt],
    );
  }

  byId(id: string): DetachedRow | undefined {
    return this.#rows('WHERE id = ?', [id])[0];
  }

  /** Newest first. */
  ofApp(appId: string): DetachedRow[] {
    return this.#rows('WHERE app_id = ? ORDER BY number DESC', [appId]);
  }

  /** Newest first. */
  ofUser(userId: string): DetachedRow[] {
    return this.#rows('WHERE user_id = ? ORDER BY number DESC', [userId]);
  }

  /** The releases of an app that commands still run in: their folders are kept. */
  releasesInUse(appId: string): number[] {
    return this.#rows('WHERE app_id = ? AND ended_at IS NULL', [appId]).map(({ release }) => release);
  }

  /** Those that no Max has seen the end of. */
  running(): DetachedRow[] {
    return this.#rows('WHERE ended_at IS NULL ORDER BY number', []);
  }

  /** Those whose end is stored, newest first. */
  ended(): DetachedRow[] {
    return this.#rows('WHERE ended_at IS NOT NULL ORDER BY number DESC', []);
  }

  /** Notes the process that runs, or is about to run, as this command. */
  started(id: string, { pid, identity }: ProcessRecord): void {
    this.#db.run('UPDATE detached_commands SET pid = ?, identity = ? WHERE id = ?', [pid, identity, id]);
  }

  /** Notes that Max is about to end it, and why; the first reason stays. */
  ending(id: string, why: Ending): void {
    this.#db.run('UPDATE detached_commands SET ending = ? WHERE id = ? AND ending IS NULL', [why, id]);
  }

  /** Notes before which offset of a stream the output is dropped. */
  dropped(id: string, stream: 'stdout' | 'stderr', start: number): void {
    this.#db.run(`UPDATE detached_commands SET ${stream}_start = ? WHERE id = ?`, [start, id]);
  }

  /** Notes how it ended, and whatever else is to be stored with that: both or nothing. */
  end(id: string, endedAt: string, end: SessionEnd, alongside: () => void = () => {}): void {
    this.#db.transaction(() => {
      this.#db.run('UPDATE detached_commands SET pid = NULL, identity = NULL, ended_at = ?, outcome = ? WHERE id = ?', [
        endedAt,
        JSON.stringify(end),
        id,
      ]);
      alongside();
    });
  }

  remove(id: string): void {
    this.#db.run('DELETE FROM detached_commands WHERE id = ?', [id]);
  }

  #rows(where: string, params: string[]): DetachedRow[] {
    return this.#db.all<Stored>(`${SELECT} ${where}`, params).map((row) => ({
      ...row,
      argv: JSON.parse(row.argv) as string[],
      end: row.end === null ? null : (JSON.parse(row.end) as SessionEnd),
    }));
  }
}
