/** A number of bytes for a person, in decimal units: `999 B`, `1.5 kB`, `67 MB`. For views; data keeps the number. */
export function formatBytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 9.95 ? 1 : 0)} ${units[unit]}`;
}

const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** A number of bytes as it is typed, `200MB` (decimal), `64MiB` (binary) or plain; `undefined` for what is none. */
export function parseBytes(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?) ?([a-z]{0,3})$/i.exec(text) ?? [];
  const factor = FACTORS[unit.toLowerCase()];
  if (count === undefined || factor === undefined) return undefined;
  const bytes = Math.round(Number(count) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
