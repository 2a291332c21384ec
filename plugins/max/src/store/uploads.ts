import type { TreeEntry } from '@rig/plugin-api/max';
import type { Database } from './database.ts';
import { newId } from './ids.ts';

/** How long an upload may be filled and deployed. */
export const UPLOAD_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** Sources of an app that are kept for as long as it lives: those of its newest releases, each source counted once. */
export const KEPT_SOURCES = 20;

/** A tree that is, or is being, uploaded; shared by all who ask for it, and never changed. */
export interface UploadRecord {
  id: string;
  appId: string;
  entries: readonly TreeEntry[];
  /** SHA-256 over the whole manifest: names the tree. */
  digest: string;
  /** How many files. */
  files: number;
  /** How many bytes they have together. */
  bytes: number;
  createdAt: string;
  expiresAt: string;
}

type Head = Omit<UploadRecord, 'entries'>;

const SELECT = `SELECT id, app_id AS appId, digest, files, bytes, created_at AS createdAt,
  expires_at AS expiresAt FROM uploads`;

/** The uploads of this Max. */
export class Uploads {
  readonly #db: Database;
  /** Those in use: a large tree is asked for by many requests at once, and read and held in memory once for all of them. */
  readonly #inUse = new Map<string, WeakRef<UploadRecord>>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Keeps a manifest that was checked. */
  create(appId: string, tree: Pick<UploadRecord, 'entries' | 'digest' | 'files' | 'bytes'>): UploadRecord {
    const now = Date.now();
    const record: UploadRecord = {
      id: newId('upl'),
      appId,
      ...tree,
      createdAt: new Date(now).toISOString(),
      expiresAt: new Date(now + UPLOAD_LIFETIME_MS).toISOString(),
    };
    this.#db.run(
      'INSERT INTO uploads (id, app_id, entries, digest, files, bytes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      [
        record.id,
        appId,
        JSON.stringify(tree.entries),
        tree.digest,
        tree.files,
        tree.bytes,
        record.createdAt,
        record.expiresAt,
      ],
    );
    return this.#remember(record);
  }

  /** An upload of that app that has not expired. */
  find(appId: string, id: string): UploadRecord | undefined {
    const head = this.#db.get<Head>(`${SELECT} WHERE id = ? AND app_id = ? AND expires_at > ?`, [
      id,
      appId,
      new Date().toISOString(),
    ]);
    return head && this.#whole(head);
  }

  /** The upload of that id, however old: for a deployment that was begun with it. */
  byId(id: string): UploadRecord | undefined {
    const head = this.#db.get<Head>(`${SELECT} WHERE id = ?`, [id]);
    return head && this.#whole(head);
  }

  #whole(head: Head): UploadRecord {
    const held = this.#inUse.get(head.id)?.deref();
    if (held !== undefined) return held;
    const row = this.#db.get<{ entries: string }>('SELECT entries FROM uploads WHERE id = ?', [head.id]);
    return this.#remember({ ...head, entries: JSON.parse(row?.entries ?? '[]') as TreeEntry[] });
  }

  #remember(record: UploadRecord): UploadRecord {
    for (const [id, held] of this.#inUse) if (held.deref() === undefined) this.#inUse.delete(id);
    this.#inUse.set(record.id, new WeakRef(record));
    return record;
  }

  /** Whether an upload is still kept. */
  has(id: string): boolean {
    return this.#db.get('SELECT id FROM uploads WHERE id = ?', [id]) !== undefined;
  }

  /** Every upload whose content is kept: those of the last days, and what {@link removeExpired} leaves of older ones. */
  *kept(): Generator<UploadRecord> {
    for (const { id } of this.#db.all<{ id: string }>('SELECT id FROM uploads')) {
      const record = this.byId(id);
      if (record !== undefined) yield record;
    }
  }

  /**
   * Forgets uploads that expired more than a day ago: a deployment of the last day still finds its own. There stay the newest of
   * an app, as the next deploy sends what differs from it; the source of what serves, and of the {@link KEPT_SOURCES} newest that
   * made releases, as a rollback may have to build them; and what a deployment waits with.
   */
  removeExpired(): number {
    return this.#db.run(
      `DELETE FROM uploads WHERE expires_at < ?
         AND EXISTS (SELECT 1 FROM uploads later WHERE later.app_id = uploads.app_id AND later.created_at > uploads.created_at)
         AND id NOT IN (SELECT upload_id FROM (
           SELECT upload_id, row_number() OVER (PARTITION BY app_id ORDER BY max(version) DESC) AS place
             FROM releases WHERE upload_id <> '' GROUP BY app_id, upload_id) WHERE place <= ?)
         AND id NOT IN (SELECT releases.upload_id FROM releases JOIN app_runtime
           ON app_runtime.app_id = releases.app_id AND app_runtime.current_version = releases.version)
         AND id NOT IN (SELECT upload_id FROM deployments WHERE state IN ('queued', 'building', 'releasing'))`,
      [new Date(Date.now() - UPLOAD_LIFETIME_MS).toISOString(), KEPT_SOURCES],
    );
  }
}
