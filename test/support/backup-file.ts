import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { FORMAT, KIND, manifestLine } from '../../plugins/max/src/backup/format.ts';
import { END_BLOCKS, encodeHead, paddingAfter } from '../../plugins/max/src/backup/tar-blocks.ts';

/** An entry that a backup made by hand is to hold. */
export interface ForgedEntry {
  path: string;
  /** A file where nothing is said. */
  type?: 'file' | 'folder' | 'symlink';
  text?: string;
  target?: string;
  /** Takes the place of the entry's type in the file, such as `3` for a device. */
  code?: string;
  /** Takes the place of the text after its digest was taken. */
  damaged?: string;
}

const plain = (path: string, text: string): Buffer => {
  const body = Buffer.from(text);
  const head = encodeHead({ path, type: 'file', mode: 0o600, size: body.length, mtime: new Date(0) });
  return Buffer.concat([head, body, paddingAfter(body.length)]);
};

function retyped(head: Buffer, code: string): Buffer {
  head.write(code, 156, 1, 'latin1');
  head.write('        ', 148, 8, 'latin1');
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return head;
}

/** Writes a backup by hand, right in all but what it holds, or in what `header` and `end` change. */
export function forgeBackup(
  file: string,
  entries: readonly ForgedEntry[],
  { header = {}, end = {} }: { header?: object; end?: object } = {},
): void {
  const told = { kind: KIND, format: FORMAT, createdAt: '2026-01-01T00:00:00.000Z', version: '0', schema: 1 };
  const parts = [plain('rig-max-backup.json', JSON.stringify({ ...told, stateDir: '/', platform: 'x', ...header }))];
  const lines: string[] = [];
  let bytes = 0;
  for (const { path, type = 'file', text = '', target, code, damaged } of entries) {
    const body = Buffer.from(type === 'file' ? text : '');
    const entry = { path, type, mode: type === 'file' ? 0o600 : 0o755, size: body.length, mtime: new Date(0) };
    const whole = target === undefined ? entry : { ...entry, target };
    const head = encodeHead(whole);
    parts.push(
      code === undefined ? head : retyped(head, code),
      Buffer.from(damaged ?? body),
      paddingAfter(body.length),
    );
    lines.push(manifestLine(whole, createHash('sha256').update(body).digest('hex')));
    bytes += body.length;
  }
  if (lines.length > 0) parts.push(plain('manifest/000001.ndjson', lines.join('')));
  parts.push(plain('end.json', JSON.stringify({ entries: entries.length, bytes, networks: 0, apps: 0, ...end })));
  writeFileSync(file, gzipSync(Buffer.concat([...parts, END_BLOCKS])));
}
