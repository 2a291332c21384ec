import type { TreeEntry } from '@rig/plugin-api/max';
import type { Database } from './database.ts';
import { newId } from './ids.ts';

/** How long an upload may be filled and deployed. */
export const UPLOAD_LIFETIME_MS = 24 * 60 * 60 * 1000;

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

  /** Every upload whose content is kept: those of the last days, and of each app the newest, however old. */
  *kept(): Generator<UploadRecord> {
    for (const { id } of this.#db.all<{ id: string }>('SELECT id FROM uploads')) {
      const record = this.byId(id);
      if (record !== undefined) yield record;
    }
  }

  /**
   * Forgets uploads that expired more than a day ago: a deployment of the last day still finds its own. The newest of
   * an app stays, as the next deploy sends what differs from it.
   */
  removeExpired(): number {
    return this.#db.run(
      `DELETE FROM uploads WHERE expires_at < ?
         AND EXISTS (SELECT 1 FROM uploads later WHERE later.app_id = uploads.app_id AND later.created_at > uploads.created_at)`,
      [new Date(Date.now() - UPLOAD_LIFETIME_MS).toISOString()],
    );
  }
}
