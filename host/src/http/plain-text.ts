/** Makes a text of a server fit for a message: no control characters, one line, not longer than `most`. */
export function plainText(text: unknown, most = 2000): string {
  if (typeof text !== 'string') return '';
  const plain = text
    // Escape sequences first, or their harmless looking rest would stay.
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/g, '')
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
}
