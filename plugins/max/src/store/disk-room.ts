import { statfsSync } from 'node:fs';
import { formatBytes } from '@rig/plugin-api';

/** What Max leaves free for its database and its logs: a part of the disk, and no more than these bytes. */
export const RESERVE_PART = 0.05;
export const RESERVE_BYTES = 64 * 1024 * 1024;

/** Without that much Max does not start: what it stores at its start would end half way. */
export const START_BYTES = 1024 * 1024;

/** How much room a disk has, in bytes. */
export interface DiskSpace {
  freeBytes: number;
  totalBytes: number;
  /** Uploads and builds are refused below that. */
  reserveBytes: number;
  /** Whether it can take more files at all. */
  files: boolean;
}

/** The room on the disk that holds Max's state. */
export class DiskRoom {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** How much there is; `undefined` where the system does not tell. */
  look(): DiskSpace | undefined {
    try {
      const { bavail, blocks, bsize, files, ffree } = statfsSync(this.dir);
      // Such as /proc and some network disks.
      if (blocks === 0) return undefined;
      const totalBytes = blocks * bsize;
      const reserveBytes = Math.floor(Math.min(RESERVE_BYTES, totalBytes * RESERVE_PART));
      return { freeBytes: bavail * bsize, totalBytes, reserveBytes, files: files === 0 || ffree > 0 };
    } catch {
      return undefined;
    }
  }

  /** What is lacking before so many bytes more may be written, as a sentence; `undefined` where there is room for them. */
  lack(bytes = 0): string | undefined {
    const space = this.look();
    if (space === undefined) return undefined;
    const { freeBytes, reserveBytes, files } = space;
    if (files && freeBytes >= bytes + reserveBytes) return undefined;
    const needs = bytes === 0 ? '' : `, this needs ${formatBytes(bytes)}`;
    return `the disk of ${this.dir} has too little room: ${formatBytes(freeBytes)} of ${formatBytes(space.totalBytes)} are free${needs}, and Max leaves ${formatBytes(reserveBytes)} free for its database and logs`;
  }

  /** Says that the disk is full, and how full. */
  full(space: DiskSpace | undefined = this.look()): string {
    const how = space?.files === false ? 'can take no more files' : 'has no room left';
    const free =
      space === undefined ? '' : `: ${formatBytes(space.freeBytes)} of ${formatBytes(space.totalBytes)} are free`;
    return `the disk of ${this.dir} ${how}${free}`;
  }
}
