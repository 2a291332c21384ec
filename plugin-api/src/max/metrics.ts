import type { AppState, Instance } from './resources.ts';

/** What the router saw of an app in one interval. */
export interface RequestFigures {
  /** Requests that were answered, those that the router refused for the app included. */
  requests: number;
  /** How many of them by the class of their status. */
  statuses: { '1xx': number; '2xx': number; '3xx': number; '4xx': number; '5xx': number };
  /** Milliseconds to the end of the answer's head; `null` where there was no request. */
  latencyMs: { p50: number; p95: number; p99: number } | null;
}

/** What the processes of an app, or of one of its instances, use. */
export interface UsageFigures {
  /** Cores in use: 0.5 is half of one, 2 is all of two. */
  cpu: number;
  /** Bytes of memory, what its processes share counted once for each of them. */
  memoryBytes: number;
  /** Open TCP sockets, those that listen included. */
  sockets: number;
}

/** Figures of one instance. */
export interface InstanceMetrics extends UsageFigures {
  /** `web.1`. */
  name: string;
  /** How it fares. */
  state: Instance['state'];
  /** Restarts after a crash, since the release began. */
  restarts: number;
}

/** Figures of one app in one second. */
export interface AppMetrics extends UsageFigures, RequestFigures {
  /** Id of the app. */
  id: string;
  /** Its name. */
  app: string;
  /** Name of its network. */
  network: string;
  /** How it fares. */
  state: AppState;
  /** Version of the release that serves; `null` before the first. */
  release: number | null;
  /** Instances that are healthy, and that there should be. */
  healthy: number;
  /** See `healthy`. */
  wanted: number;
  /** Restarts after a crash of all its instances, since the release began. */
  restarts: number;
  /** One by one; only in samples of `metrics:app:ID`. */
  instances?: InstanceMetrics[];
}

/**
 * Event `sample` of the topics `metrics:user:ID`, `metrics:network:ID` and `metrics:app:ID`, once a second; also the answer
 * of `GET /v1/metrics`. A sample stands for itself: every app of the topic is in it. One that a client was too slow for is
 * left out, never sent late.
 */
export interface MetricsSample {
  /** End of the second, ISO 8601 in UTC. */
  at: string;
  /**
   * Seconds since the sample before: what `requests` are counted in, so that a rate is `requests / seconds`. More than one
   * where Max was too busy for a sample in between.
   */
  seconds: number;
  /** By network, then by name. */
  apps: AppMetrics[];
}

/** Reply to the join of `metrics:*`. */
export interface MetricsJoined {
  /** The last sample; `null` in the first second of a Max. */
  sample: MetricsSample | null;
  /** Milliseconds between two samples. */
  intervalMs: number;
}

/** One point of an app's history: figures of usage are means of its interval, requests are their number in it. */
export interface MetricsPoint extends UsageFigures, RequestFigures {
  /** End of the interval, ISO 8601 in UTC. */
  at: string;
  /** Seconds that it tells of: more than a second where Max was too busy for the one before, less than a minute soon after its start. */
  seconds: number;
  /** Instances that were healthy at its end. */
  healthy: number;
  /** Restarts that fell into it. */
  restarts: number;
}

/**
 * Answer of `GET …/apps/:app/metrics?resolution=1|60&since=…&until=…`: points of a second are kept for an hour, of a minute
 * for a day. An interval in which Max did not run has no point.
 */
export interface MetricsHistory {
  /** Seconds of an interval. */
  resolution: 1 | 60;
  /** Oldest first. */
  points: MetricsPoint[];
}

/** `metrics` of an app's status: its last minute. Usage are means, requests their number in it. */
export interface RecentMetrics extends UsageFigures, RequestFigures {
  /** Its end, ISO 8601 in UTC. */
  at: string;
  /** Seconds that it has: less than 60 soon after a start of Max. */
  seconds: number;
}
