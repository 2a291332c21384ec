/** Version of the file's layout: rises when an older rig can no longer read it. */
export const FORMAT = 1;

/** The first entry: what wrote the file, and in which format. */
export const HEADER_ENTRY = 'rig-max-backup.json';

/** The last entry: without it the file is not whole. */
export const END_ENTRY = 'end.json';

/** What {@link HEADER_ENTRY} says of itself. */
export const KIND = 'backup of an embedded Max';

/** Entries that one manifest tells of: what is held in memory is bounded by it. */
export const MANIFEST_ENTRIES = 1000;

/** The file of a manifest: one JSON line for each of the entries since the manifest before. */
export const manifestEntry = (number: number): string => `manifest/${String(number).padStart(6, '0')}.ndjson`;

/** What the first entry holds. */
export interface BackupHeader {
  kind: typeof KIND;
  format: number;
  createdAt: string;
  /** The version of rig that wrote it. */
  version: string;
  /** The format of the database. */
  schema: number;
  /** Where the state lay: some builds have that path in their files. */
  stateDir: string;
  /** What the builds were made on, such as `linux-x64`. */
  platform: string;
}

/** What the last entry holds. */
export interface BackupEnd {
  entries: number;
  /** Bytes of the files. */
  bytes: number;
  networks: number;
  apps: number;
}

/** A file, folder or symlink of a backup. */
export interface Entry {
  /** Below the state folder, with `/` between. */
  path: string;
  type: 'file' | 'folder' | 'symlink';
  /** Permission bits. */
  mode: number;
  /** Bytes of a file. */
  size: number;
  mtime: Date;
  /** Where a symlink leads to, as it is written there. */
  target?: string;
}

/** The line of an entry in its manifest. */
export function manifestLine({ path, type, mode, size, target }: Entry, sha256?: string): string {
  return `${JSON.stringify({ path, type, mode, ...(type === 'file' ? { size, sha256 } : {}), target })}\n`;
}
