import { ProcessEngine } from '../../engine/process-engine.ts';
import type { AppRecord, Apps } from '../../store/apps.ts';
import type { Audit } from '../../store/audit.ts';
import type { Database } from '../../store/database.ts';
import type { StatePaths } from '../../store/state-paths.ts';
import type { TargetSpec } from '../open-target.ts';
import type { SessionFacts } from '../session.ts';
import { windowOf } from '../tuning.ts';
import { DetachedCommands } from './detached-commands.ts';
import { type DetachedRow, DetachedRows } from './detached-rows.ts';
import { DetachedSession } from './detached-session.ts';

/** What instances are given unless their app says otherwise. */
const GRACE_SECONDS = 10;

/** What the sessions of detached commands are made from. */
export interface DetachedSessionsOptions {
  paths: Pick<StatePaths, 'apps'>;
  database: Database;
  apps: Apps;
  audit: Audit;
  report(text: string): void;
}

/** The sessions of detached commands: what they are lies in the database, and each is made for who asks. */
export class DetachedSessions {
  readonly #options: DetachedSessionsOptions;
  readonly #commands: DetachedCommands;

  constructor(options: DetachedSessionsOptions) {
    this.#options = options;
    const { paths, database, apps, report } = options;
    this.#commands = new DetachedCommands({
      paths,
      rows: new DetachedRows(database),
      engine: new ProcessEngine(),
      graceMs: (appId) => (apps.byId(appId)?.settings.stopTimeoutSeconds ?? GRACE_SECONDS) * 1000,
      onEnd: (row, bytes) => this.#ended(row, bytes),
      report,
    });
  }

  /** Notes one and starts it once that is committed: in the request's transaction. */
  create({ id, place, request }: TargetSpec, facts: SessionFacts): void {
    const { appId, instance, release, argv, startedAt, timeoutSeconds, userId, user: userName } = facts;
    if (request.kind !== 'command' || appId === null) throw new TypeError('only a command of an app goes on by itself');
    const endsAt =
      timeoutSeconds === undefined ? null : new Date(Date.parse(startedAt) + timeoutSeconds * 1000).toISOString();
    const shown = { instance: instance ?? '', release: release ?? 0, argv: argv ?? [] };
    this.#commands.create({ id, appId, userId, userName, ...shown, startedAt, endsAt });
    const run = { id, appId, argv: request.argv, cwd: place.cwd, environment: place.environment };
    this.#options.database.afterCommit(() => void this.#commands.begin(run));
  }

  /** Takes over what an earlier Max started, and closes the lines of what is there no more. */
  async takeOver(): Promise<void> {
    await this.#commands.takeOver();
    const { audit } = this.#options;
    for (const line of audit.openOutliving()) {
      const row = this.#commands.find(line.session);
      if (row === undefined)
        audit.closeUnseen([line], { reason: 'abandoned', detail: 'Max knows nothing of it any more' });
      else if (row.end !== null) audit.end(line.id, row.end, { in: 0, out: 0 });
    }
  }

  /** How many run, of a user or of all. */
  running(userId?: string): number {
    return this.#commands.running(userId);
  }

  find(id: string): DetachedSession | undefined {
    const row = this.#commands.find(id);
    return row && this.#sessionOf(row);
  }

  /** Those of a user. */
  list(userId: string): DetachedSession[] {
    return this.#commands.list(userId).flatMap((row) => this.#sessionOf(row) ?? []);
  }

  /** Ends those of an app that goes, and forgets them. */
  removeApp(appId: string): Promise<void> {
    return this.#commands.removeApp(appId);
  }

  /** Ends them all, those of an earlier Max too; gives how many. */
  endAll(): Promise<number> {
    return this.#commands.endAll();
  }

  /** Max ends, and they run on. */
  release(): void {
    this.#commands.release();
  }

  #sessionOf(row: DetachedRow): DetachedSession | undefined {
    // An app that is being removed is not there for anybody.
    const app: AppRecord | undefined = this.#options.apps.byId(row.appId);
    return app && new DetachedSession(row, app, this.#commands, windowOf('command'));
  }

  #ended({ id, userId, end }: DetachedRow, bytes: number): void {
    const { audit } = this.#options;
    const entry = audit.ofSession(id, userId);
    if (entry !== undefined && end !== null) audit.end(entry.id, end, { in: 0, out: bytes });
  }
}
