import type { Database } from './database.ts';
import type { Seal } from './seal.ts';

/** Vars can be read again, secrets cannot. */
export type ConfigKind = 'var' | 'secret';

/** A name with what is known of its value without opening it. */
export interface ConfigEntry {
  name: string;
  /** The version in which it got this value. */
  version: number;
  value: Buffer;
  /** Bytes in the clear. */
  size: number;
  digest: string;
  at: string;
}

/** The versions that make up the configuration of a release. */
export interface ConfigVersions {
  vars: number;
  secrets: number;
}

/** What a change has changed. */
export interface Changed {
  set: string[];
  unchanged: string[];
  deleted: string[];
  /** Of that kind, after the change. */
  version: number;
}

/** What a version had: of each name its last row up to there, unless that is a deletion. */
const AT = `SELECT name, version, value, size, digest, at FROM app_config AS c
  WHERE app_id = ? AND kind = ? AND value IS NOT NULL AND version =
    (SELECT max(version) FROM app_config WHERE app_id = c.app_id AND kind = c.kind AND name = c.name AND version <= ?)`;

const placeOf = (appId: string, kind: ConfigKind, name: string): string => `${kind} ${name} of ${appId}`;

/** The vars and secrets of apps, in numbered versions; secrets are sealed, each for its place. */
export class AppConfig {
  readonly #db: Database;
  readonly #seal: Seal;

  constructor(db: Database, seal: Seal) {
    this.#db = db;
    this.#seal = seal;
  }

  /** The newest version of a kind; 0 before the first change. */
  version(appId: string, kind: ConfigKind): number {
    const row = this.#db.get<{ version: number | null }>(
      'SELECT max(version) AS version FROM app_config WHERE app_id = ? AND kind = ?',
      [appId, kind],
    );
    return row?.version ?? 0;
  }

  /** The newest versions of both kinds. */
  versions(appId: string): ConfigVersions {
    return { vars: this.version(appId, 'var'), secrets: this.version(appId, 'secret') };
  }

  /** Every name of a version. */
  at(appId: string, kind: ConfigKind, version: number): ConfigEntry[] {
    return this.#db.all(`${AT} ORDER BY name`, [appId, kind, version]);
  }

  /** Up to `limit` names of the newest version, those after `after`, in the order of their bytes. */
  page(appId: string, kind: ConfigKind, after: string, limit: number): ConfigEntry[] {
    return this.#db.all(`${AT} AND name > ? ORDER BY name LIMIT ?`, [
      appId,
      kind,
      Number.MAX_SAFE_INTEGER,
      after,
      limit,
    ]);
  }

  /** Sets and deletes names in one new version; where nothing would be different there is none. */
  change(appId: string, kind: ConfigKind, set: ReadonlyMap<string, string>, names: readonly string[]): Changed {
    return this.#db.transaction(() => {
      const version = this.version(appId, kind);
      const head = new Map(this.at(appId, kind, version).map(({ name, digest }) => [name, digest]));
      const changed: Changed = { set: [], unchanged: [], deleted: [], version };
      for (const [name, value] of set) {
        const digest = this.#digest(appId, kind, name, value);
        if (head.get(name) === digest) {
          changed.unchanged.push(name);
          continue;
        }
        changed.set.push(name);
        this.#insert(appId, kind, name, version + 1, value, digest);
      }
      for (const name of names) {
        if (!head.has(name)) continue;
        changed.deleted.push(name);
        this.#insert(appId, kind, name, version + 1, null, '');
      }
      if (changed.set.length + changed.deleted.length > 0) changed.version = version + 1;
      return changed;
    });
  }

  /** Names that have another value, or none, in one version than in another. */
  difference(appId: string, kind: ConfigKind, from: number, to: number): { set: string[]; deleted: string[] } {
    const before = new Map(this.at(appId, kind, from).map(({ name, digest }) => [name, digest]));
    const after = this.at(appId, kind, to);
    const names = new Set(after.map(({ name }) => name));
    return {
      set: after.filter(({ name, digest }) => before.get(name) !== digest).map(({ name }) => name),
      deleted: [...before.keys()].filter((name) => !names.has(name)),
    };
  }

  /** Makes the newest versions what they were; gives the versions that have that now. */
  restore(appId: string, { vars, secrets }: ConfigVersions): ConfigVersions {
    return this.#db.transaction(() => ({
      vars: this.#restore(appId, 'var', vars),
      secrets: this.#restore(appId, 'secret', secrets),
    }));
  }

  #restore(appId: string, kind: ConfigKind, version: number): number {
    const head = this.version(appId, kind);
    const { set, deleted } = this.difference(appId, kind, head, version);
    if (set.length + deleted.length === 0) return head;
    const then = new Map(this.at(appId, kind, version).map((entry) => [entry.name, entry]));
    const at = new Date().toISOString();
    for (const name of [...set, ...deleted]) {
      const entry = then.get(name);
      this.#db.run(
        'INSERT INTO app_config (app_id, kind, name, version, value, size, digest, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        [appId, kind, name, head + 1, entry?.value ?? null, entry?.size ?? 0, entry?.digest ?? '', at],
      );
    }
    return head + 1;
  }

  /** Bytes of all names and values of the newest versions, as a process gets them. */
  size(appId: string): number {
    let bytes = 0;
    for (const kind of ['var', 'secret'] as const)
      for (const { name, size } of this.at(appId, kind, Number.MAX_SAFE_INTEGER)) bytes += name.length + size + 2;
    return bytes;
  }

  /**
   * The values of a release, for the environment of its instances and for nothing else.
   *
   * @throws Error naming the secret that Max's key does not open
   */
  values(appId: string, versions: ConfigVersions): Record<string, string> {
    // Without a prototype: `__proto__` is a name as good as any.
    const values: Record<string, string> = Object.create(null);
    for (const { name, value } of this.at(appId, 'var', versions.vars)) values[name] = value.toString('utf8');
    for (const { name, value } of this.at(appId, 'secret', versions.secrets)) {
      try {
        values[name] = this.#seal.open(value, placeOf(appId, 'secret', name)).toString('utf8');
      } catch {
        throw new Error(`the secret ${name} does not open with Max's key; set it anew: rig create secret ${name}`);
      }
    }
    return values;
  }

  #digest(appId: string, kind: ConfigKind, name: string, value: string): string {
    return this.#seal.digest(placeOf(appId, kind, name), value);
  }

  #insert(appId: string, kind: ConfigKind, name: string, version: number, value: string | null, digest: string): void {
    const bytes = value === null ? null : Buffer.from(value, 'utf8');
    const stored = bytes === null || kind === 'var' ? bytes : this.#seal.close(bytes, placeOf(appId, kind, name));
    this.#db.run(
      'INSERT INTO app_config (app_id, kind, name, version, value, size, digest, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      [appId, kind, name, version, stored, bytes?.length ?? 0, digest, new Date().toISOString()],
    );
  }
}
