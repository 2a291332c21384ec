const UNIT_MS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

type Unit = keyof typeof UNIT_MS;

/** Milliseconds of a duration as it is typed, of the units s, m, h, d and w: `90s`, `1h30m`; `undefined` for what is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d{1,9}[smhdw])+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)([smhdw])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit as Unit], 0);
}

/** A duration for a person, to the second, as {@link parseDuration} reads it: `1m30s`, `14d`. */
export function formatDuration(ms: number): string {
  let left = Math.round(ms / 1_000) * 1_000;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(left / UNIT_MS[unit]);
    if (count > 0) text += `${count}${unit}`;
    left -= count * UNIT_MS[unit];
  }
  return text === '' ? '0s' : text;
}
