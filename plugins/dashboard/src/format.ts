/** Requests a second: `0`, `0.4`, `12.5`, `340`, `12k`. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 99.95) return perSecond.toFixed(1);
  return perSecond < 9999.5 ? perSecond.toFixed(0) : `${(perSecond / 1000).toFixed(0)}k`;
}

/** Milliseconds: `0.8ms`, `42ms`, `1.2s`, `75s`. */
export function formatMs(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)}ms`;
  if (ms < 999.5) return `${ms.toFixed(0)}ms`;
  return `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)}s`;
}

/** A share: `0%`, `0.5%`, `12%`; never `0%` for what is more than nothing. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0%';
  const percent = (part * 100) / whole;
  if (percent < 0.1) return '<0.1%';
  return `${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)}%`;
}

/** Cores in use as percent of one core: `0.4%`, `35%`, `210%`. */
export function formatCpu(cores: number): string {
  const percent = cores * 100;
  return `${percent === 0 || percent >= 9.95 ? percent.toFixed(0) : percent.toFixed(1)}%`;
}

/** Bytes in few characters, in decimal units: `0`, `640k`, `52M`, `1.4G`. */
export function formatMemory(bytes: number): string {
  if (bytes < 999.5) return bytes.toFixed(0);
  const units = ['k', 'M', 'G', 'T'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(unit > 1 && value < 9.95 ? 1 : 0)}${units[unit]}`;
}

/** The number of a release as it is spoken: `v3`; `-` before the first. */
export function formatRelease(release: number | null): string {
  return release === null ? '-' : `v${release}`;
}

/** A time of day in UTC: `14:03:59`. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? '--:--:--' : time.toISOString().slice(11, 19);
}
