import { closeSync, ftruncateSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { redactTokens } from './auth/token-value.ts';

/** A log of this size is put aside when Max starts; one is kept. */
const ROTATE_BYTES = 10 * 1024 * 1024;

/**
 * Opens Max's own log: each line is on disk when the call returns, with its time, and never with a token in it. What a full
 * disk did not take is counted, and said with the first line that is written again.
 *
 * @param also gets each line too: the terminal of a Max in the foreground
 */
export function openLog(file: string, also?: (line: string) => void): (text: string) => void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_BYTES) renameSync(file, `${file}.1`);
  let lost = 0;
  return (text) => {
    const at = new Date().toISOString();
    const clean = redactTokens(text);
    also?.(clean);
    const lines = clean.split('\n').map((line) => `${at} ${line}\n`);
    const note = lost === 0 ? [] : [`${at} ${lost === 1 ? 'one line' : `${lost} lines`} could not be written here\n`];
    if (append(file, [...note, ...lines].join(''))) lost = 0;
    else lost += lines.length;
  };
}

/** Appends the whole text or nothing; a full disk must not end Max, and there is nobody else to tell. */
function append(file: string, text: string): boolean {
  const bytes = Buffer.from(text);
  try {
    const log = openSync(file, 'a', 0o600);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(log, bytes, written);
      return true;
    } catch (error) {
      if (written > 0) ftruncateSync(log, Math.max(0, statSync(file).size - written));
      throw error;
    } finally {
      closeSync(log);
    }
  } catch {
    return false;
  }
}
