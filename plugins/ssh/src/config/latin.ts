/** A text as the bytes it is written as, each as a character: what ssh's files are read and written in. */
export function latin(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The text of such bytes. */
export function unlatin(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
