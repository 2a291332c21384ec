import { appendFileSync, renameSync, statSync } from 'node:fs';
import { redactTokens } from './auth/token-value.ts';

/** A log of this size is put aside when Max starts; one is kept. */
const ROTATE_BYTES = 10 * 1024 * 1024;

/**
 * Opens Max's own log: each line is on disk when the call returns, with its time, and never with a token in it.
 *
 * @param also gets each line too: the terminal of a Max in the foreground
 */
export function openLog(file: string, also?: (line: string) => void): (text: string) => void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_BYTES) renameSync(file, `${file}.1`);
  return (text) => {
    const at = new Date().toISOString();
    const clean = redactTokens(text);
    also?.(clean);
    const lines = clean.split('\n').map((line) => `${at} ${line}\n`);
    try {
      appendFileSync(file, lines.join(''), { mode: 0o600 });
    } catch {
      // A full disk must not end Max, and there is nobody else to tell.
    }
  };
}
