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
