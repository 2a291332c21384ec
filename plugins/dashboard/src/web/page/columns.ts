import { formatCpu, formatMemory, formatMs, formatRate, formatShare, NONE } from './format.ts';
import { errorShare, type ListedApp } from './store.ts';

/** A column of the list, beside the app's name and state. */
export interface ColumnOf {
  key: ColumnKey;
  title: string;
  /** What a pointer over the heading says. */
  about: string;
  text(listed: ListedApp): string;
  /** What it is sorted by: the highest first. */
  rank(listed: ListedApp): number;
  /** Whether it wants to be looked at. */
  tone?(listed: ListedApp): 'warn' | 'bad' | 'off' | undefined;
}

/** The names of the columns, of the small graph and of what is sorted by words. */
export type ColumnKey = 'release' | 'instances' | 'requests' | 'errors' | 'p95' | 'cpu' | 'memory';

/** Whether there is nothing that could have figures. */
const isIdle = ({ app }: ListedApp): boolean =>
  app.healthy === 0 && app.memoryBytes === 0 && app.requestsPerSecond === 0;

/** What is nothing stays in the background, so that what is something is seen. */
const offAt =
  (value: (listed: ListedApp) => number | null): NonNullable<ColumnOf['tone']> =>
  (listed) =>
    value(listed) ? undefined : 'off';

/** The columns with figures, left to right. */
export const COLUMNS: readonly ColumnOf[] = [
  {
    key: 'release',
    title: 'Release',
    about: 'The release that serves',
    text: ({ app }) => (app.release === null ? NONE : `v${app.release}`),
    rank: ({ app }) => app.release ?? 0,
  },
  {
    key: 'instances',
    title: 'Instances',
    about: 'Instances that are healthy, and that there should be',
    text: ({ app }) => `${app.healthy}/${app.wanted}`,
    rank: ({ app }) => app.wanted,
    tone: ({ app }) =>
      app.state === 'stopped' || app.wanted === 0 ? 'off' : app.healthy < app.wanted ? 'warn' : undefined,
  },
  {
    key: 'requests',
    title: 'Req/s',
    about: 'Requests in the last second',
    text: (listed) => (isIdle(listed) ? NONE : formatRate(listed.app.requestsPerSecond)),
    tone: offAt(({ app }) => app.requestsPerSecond),
    rank: ({ app }) => app.requestsPerSecond,
  },
  {
    key: 'errors',
    title: 'Errors',
    about: "Share of the last minute's answers with a status of 500 and above",
    text: ({ minute }) => formatShare(errorShare(minute)),
    rank: ({ minute }) => errorShare(minute) ?? -1,
    tone: ({ minute }) => {
      const share = errorShare(minute) ?? 0;
      return share >= 0.05 ? 'bad' : share > 0 ? 'warn' : 'off';
    },
  },
  {
    key: 'p95',
    title: 'p95',
    about: 'Latency that 95 of 100 requests of the last second kept below',
    text: ({ app }) => formatMs(app.latencyMs?.p95 ?? null),
    rank: ({ app }) => app.latencyMs?.p95 ?? -1,
    tone: offAt(({ app }) => app.latencyMs?.p95 ?? null),
  },
  {
    key: 'cpu',
    title: 'CPU',
    about: 'Per cent of one core, of all its instances',
    text: (listed) => (isIdle(listed) ? NONE : formatCpu(listed.app.cpu)),
    tone: offAt(({ app }) => app.cpu),
    rank: ({ app }) => app.cpu,
  },
  {
    key: 'memory',
    title: 'Memory',
    about: 'Memory of all its instances',
    text: (listed) => (isIdle(listed) ? NONE : formatMemory(listed.app.memoryBytes)),
    tone: offAt(({ app }) => app.memoryBytes),
    rank: ({ app }) => app.memoryBytes,
  },
];
