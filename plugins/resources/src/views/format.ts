/** A time for a table, in UTC: `2026-03-01 09:30:05Z`. */
export function when(iso: string | null): string | null {
  if (iso === null) return null;
  const time = new Date(iso);
  return Number.isNaN(time.getTime())
    ? iso
    : time
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z');
}

/** The number of a release as it is spoken: `v3`. */
export function version(release: number | null): string | null {
  return release === null ? null : `v${release}`;
}

/** A size in bytes for a person: `1.5 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  let unit = 'B';
  for (const next of ['kB', 'MB', 'GB', 'TB']) {
    if (value < 1000) break;
    value /= 1000;
    unit = next;
  }
  return `${value.toFixed(1)} ${unit}`;
}
