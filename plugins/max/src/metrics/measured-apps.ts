import type { EventLog } from '../events.ts';
import type { Database } from '../store/database.ts';

/** An app whose figures are taken. */
export interface MeasuredApp {
  id: string;
  name: string;
  networkId: string;
  /** The network's name. */
  network: string;
  /** Whose it is. */
  ownerId: string;
}

const SELECT = `SELECT a.id, a.name, a.network_id AS networkId, n.name AS network, n.owner_id AS ownerId
  FROM apps a JOIN networks n ON n.id = a.network_id WHERE a.removing = 0 ORDER BY n.name, a.name`;

/** All apps by network and name, read only when something of them has changed. */
export class MeasuredApps {
  readonly #database: Database;
  readonly #unlisten: () => void;
  #apps: readonly MeasuredApp[] | undefined;

  /** @param deleted is told the id of each app that is gone */
  constructor(database: Database, events: EventLog, deleted: (appId: string) => void) {
    this.#database = database;
    this.#unlisten = events.listen(({ type, appId }) => {
      if (/^(app|network)\.(created|updated|deleted)$/.test(type)) this.#apps = undefined;
      if (type === 'app.deleted' && appId !== null) deleted(appId);
    });
  }

  /** Those that there are. */
  all(): readonly MeasuredApp[] {
    this.#apps ??= this.#database.all<MeasuredApp>(SELECT);
    return this.#apps;
  }

  /** Whether there is one of that id. */
  has(id: string): boolean {
    return this.all().some((app) => app.id === id);
  }

  /** Hears of no more changes. */
  close(): void {
    this.#unlisten();
  }
}
