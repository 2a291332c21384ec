// By their files: the package itself is a facade over a running rig, and there is none in a browser.
import { formatBytes } from '../../../../../plugin-api/src/format.ts';

export { sanitiseLine as plain } from '../../../../../plugin-api/src/sanitise.ts';

/** What stands where there is no figure. */
export const NONE = '–';

/** A rate a second: `0`, `0.4`, `12`, `1.2k`. */
export function formatRate(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  if (value >= 9950) return `${Math.round(value / 1000)}k`;
  if (value >= 999.5) return `${(value / 1000).toFixed(1)}k`;
  return value === 0 ? '0' : value < 9.95 ? value.toFixed(1) : value.toFixed(0);
}

/** A share of one in per cent: `0 %`, `0.3 %`, `12 %`. */
export function formatShare(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return NONE;
  const percent = share * 100;
  return `${percent === 0 ? '0' : percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** A latency: `0.8 ms`, `12 ms`, `1.4 s`. */
export function formatMs(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return NONE;
  if (ms >= 999.5) return `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;
  return `${ms === 0 ? '0' : ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

/** Cores as per cent of one, as programs such as top have it: `3.4 %`, `210 %`. */
export function formatCpu(cores: number | null): string {
  return formatShare(cores);
}

/** Bytes: `67 MB`. */
export function formatMemory(bytes: number | null): string {
  return bytes === null || !Number.isFinite(bytes) ? NONE : formatBytes(bytes);
}

/** A time of day as this browser's person writes it. */
export function formatTime(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, { hour12: false });
}
