import type { AppMetrics } from '@rig/plugin-api/max';
import { expect, test } from 'vitest';
import { AppTotals } from '../../../../plugins/max/src/metrics/app-totals.ts';
import { prometheusText } from '../../../../plugins/max/src/metrics/prometheus.ts';
import { RequestMeters } from '../../../../plugins/max/src/metrics/request-meters.ts';

/** A line of figures. */
interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\[\\\\"n])*)"';
const unescaped = (text: string): string => text.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter));

function readSample(line: string): Sample {
  const match = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?\\})? (-?[0-9.e+-]+|[+-]Inf|Na[nN])$`).exec(line);
  if (match === null) throw new Error(`no line of figures: ${line}`);
  const found = [...(match[2] ?? '').matchAll(new RegExp(LABEL, 'g'))];
  const labels = Object.fromEntries(found.map(([, name, value]) => [name, unescaped(value!)]));
  if (Object.keys(labels).length !== found.length) throw new Error(`a label twice: ${line}`);
  return { name: match[1]!, labels, value: Number(match.at(-1)!.replace('Inf', 'Infinity')) };
}

/** Reads text of version 0.0.4 as strictly as its description is: families in one piece, each told of first, nothing twice. */
function parse(text: string): Map<string, { type: string; samples: Sample[] }> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { type: string; samples: Sample[] }>();
  const seen = new Set<string>();
  const helped = new Set<string>();
  let open: string | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const help = new RegExp(`^# HELP (${NAME}) .+$`).exec(line);
    const type = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`).exec(line);
    if (help !== null) {
      if (helped.has(help[1]!)) throw new Error(`a second HELP: ${line}`);
      helped.add(help[1]!);
      open = undefined;
    } else if (type !== null) {
      open = type[1]!;
      if (families.has(open)) throw new Error(`a second TYPE: ${line}`);
      families.set(open, { type: type[2]!, samples: [] });
    } else {
      const sample = readSample(line);
      const family = families.get(open ?? '');
      const names = /histogram|summary/.test(family?.type ?? '')
        ? [`${open}_bucket`, `${open}_sum`, `${open}_count`, ...(family?.type === 'summary' ? [open] : [])]
        : [open];
      if (!names.includes(sample.name)) throw new Error(`out of its family: ${line}`);
      const series = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(series)) throw new Error(`twice: ${line}`);
      seen.add(series);
      family!.samples.push(sample);
    }
  }
  return families;
}

const app = (id: string, name: string, network = 'net'): AppMetrics => ({
  ...{ id, app: name, network, state: 'running', release: 3, healthy: 1, wanted: 2, restarts: 0 },
  ...{ cpu: 0.1, memoryBytes: 1000, sockets: 2, requests: 0, latencyMs: null },
  statuses: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 },
});

test('every line is as Prometheus wants it, whatever the names, and histograms add up', async () => {
  const names = ['web', 'a"b', 'back\\slash', 'new\nline', '}{,= #', '\u202e\x1b[2Jü'];
  const requests = new RequestMeters();
  const totals = new AppTotals();
  for (const [index] of names.entries())
    for (const ms of [0.1, 5, 5.1, 700, 40_000]) requests.answered(`app_${index}`, 200 + index * 100, ms);
  totals.add('app_0', { cpuSeconds: 12.345, restarts: 2 });
  const apps = names.map((name, index) => app(`app_${index}`, name, index === 5 ? 'o"ther' : 'net'));
  const families = parse(await prometheusText({ at: '', seconds: 1, apps }, { requests, totals }));
  for (const [name, { type, samples }] of families) {
    if (name.startsWith('max_app_')) {
      const told = new Set(samples.map(({ labels }) => labels.app));
      expect([...told], name).toEqual(names);
      // What only rises is named for it.
      expect(type === 'counter', name).toBe(name.endsWith('_total'));
    }
  }
  const { samples } = families.get('max_app_request_duration_seconds')!;
  for (const name of names) {
    const mine = samples.filter(({ labels }) => labels.app === name);
    const buckets = mine.filter(({ name }) => name.endsWith('_bucket'));
    const bounds = buckets.map(({ labels }) => Number(labels.le!.replace('Inf', 'Infinity')));
    expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
    expect(bounds.at(-1)).toBe(Number.POSITIVE_INFINITY);
    const counts = buckets.map(({ value }) => value);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBe(mine.find(({ name }) => name.endsWith('_count'))!.value);
    expect(buckets.find(({ labels }) => labels.le === '0.005')!.value).toBe(2);
    expect(mine.find(({ name }) => name.endsWith('_sum'))!.value).toBeCloseTo(40.7102);
  }
});

test('an app has so many lines and no more, whatever it is asked and answers', async () => {
  const requests = new RequestMeters();
  const lines = async (): Promise<number> => {
    const text = await prometheusText(
      { at: '', seconds: 1, apps: [app('app_1', 'web')] },
      { requests, totals: new AppTotals() },
    );
    return text.split('\n').filter((line) => line.includes('app="web"')).length;
  };
  const before = await lines();
  for (let status = 100; status < 1100; status += 1) requests.answered('app_1', status, status ** 2);
  // A name that is no app's, and one that is gone, have no line at all.
  requests.answered('app_gone', 200, 1);
  expect(await lines()).toBe(before);
  expect(before).toBe(27);
});
