import type { DeploymentFailure, DeploymentState } from '@rig/plugin-api/max';
import { type EventLog, placeOf } from '../events.ts';
import type { AppRecord } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import type { DeploymentChange, DeploymentRow, DeploymentRows } from './deployment-rows.ts';

const TEXTS: Record<DeploymentState, string> = {
  queued: 'is queued',
  building: 'is building',
  releasing: 'starts its instances',
  healthy: 'serves',
  failed: 'failed',
  cancelled: 'was cancelled',
};

/** In place of `serves`. */
const STILL_STOPPED = 'is done; the app stays stopped';

/** Rolls back what was to go with the change of a deployment that has ended. */
class HasEnded extends Error {}

/** Changes deployments: stored first, then told to those who follow. */
export class DeploymentBoard {
  readonly #db: Database;
  readonly #rows: DeploymentRows;
  readonly #events: EventLog;
  readonly #followers = new Map<string, Set<() => void>>();

  constructor(db: Database, rows: DeploymentRows, events: EventLog) {
    this.#db = db;
    this.#rows = rows;
    this.#events = events;
  }

  /**
   * Changes a deployment, after `first` in the same transaction, which says what else to change.
   *
   * @returns `undefined` when it had ended before: nothing is changed then
   */
  change(
    app: AppRecord,
    id: string,
    change: DeploymentChange,
    first?: () => DeploymentChange,
  ): DeploymentRow | undefined {
    try {
      return this.#db.transaction(() => {
        const row = this.#rows.change(id, { ...first?.(), ...change });
        if (row === undefined) throw new HasEnded();
        if (change.state !== undefined) this.tell(app, row);
        this.#db.afterCommit(() => {
          for (const follower of [...(this.#followers.get(id) ?? [])]) follower();
        });
        return row;
      });
    } catch (error) {
      if (error instanceof HasEnded) return undefined;
      throw error;
    }
  }

  /** Tells the followers of the app of a deployment's state. */
  tell(app: AppRecord, row: DeploymentRow): void {
    const what = row.version === null ? 'the deployment' : `v${row.version}`;
    const failure = row.failure === null ? undefined : (JSON.parse(row.failure) as DeploymentFailure);
    const why = failure === undefined ? '' : `: ${failure.reason}`;
    const doneStopped = row.state === 'healthy' && row.stopped === 1;
    this.#events.append({
      type: 'deployment.updated',
      ...placeOf(app),
      // What matters comes first: a narrow terminal cuts the end.
      text: `${what} of ${app.name}.${app.network} ${doneStopped ? STILL_STOPPED : TEXTS[row.state]}${why} (${row.id})`,
      code: failure?.code,
    });
  }

  /** Calls back after each change of a deployment. */
  follow(id: string, follower: () => void): () => void {
    const followers = this.#followers.get(id) ?? new Set();
    this.#followers.set(id, followers.add(follower));
    return () => {
      followers.delete(follower);
      if (followers.size === 0 && this.#followers.get(id) === followers) this.#followers.delete(id);
    };
  }
}
