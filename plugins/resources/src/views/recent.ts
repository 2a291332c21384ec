import { type Cell, formatBytes } from '@rig/plugin-api';
import type { AppStatus, RecentMetrics } from '@rig/plugin-api/max';

/** `0.4`, `12`: one place where that tells more. */
const short = (value: number): string => value.toFixed(value > 0 && value < 9.95 ? 1 : 0);

/** `0.8 ms`, `54 ms`, `1.2 s`. */
const latency = (ms: number): string => (ms < 999.5 ? `${short(ms)} ms` : `${short(ms / 1000)} s`);

function requestsText({ requests, seconds, statuses, latencyMs }: RecentMetrics): string {
  if (latencyMs === null) return 'none in the last minute';
  const rate = requests / seconds;
  const often = rate < 0.05 ? `${requests} in the last minute` : `${short(rate)}/s in the last minute`;
  const failed = statuses['5xx'] === 0 ? '' : `, ${statuses['5xx']} failed (5xx)`;
  return `${often}, p50 ${latency(latencyMs.p50)}, p95 ${latency(latencyMs.p95)}${failed}`;
}

/** What an app used and answered in the last minute; nothing where that is nothing. */
export function recentFields(metrics: AppStatus['metrics']): Array<[string, string]> {
  if (metrics === undefined || metrics === null) return [];
  const { cpu, memoryBytes, requests } = metrics;
  if (memoryBytes === 0 && requests === 0) return [];
  return [
    ['usage', `CPU ${short(cpu * 100)} %, memory ${formatBytes(memoryBytes)}`],
    ['requests', requestsText(metrics)],
  ];
}

/** Requests a second, CPU and memory of an app's last minute, as cells of a table; empty where nothing of it runs. */
export function recentCells(metrics: RecentMetrics | undefined): [requests: Cell, cpu: Cell, memory: Cell] {
  if (metrics === undefined || (metrics.memoryBytes === 0 && metrics.requests === 0)) return [null, null, null];
  const { cpu, memoryBytes, requests, seconds } = metrics;
  return [short(requests / seconds), `${short(cpu * 100)} %`, formatBytes(memoryBytes)];
}
