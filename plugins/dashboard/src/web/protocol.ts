import type { AppState, InstanceMetrics, LogLine, ResourceEvent } from '@rig/plugin-api/max';
import type { DashboardPanel } from '../model/panel.ts';
import type { Figure } from '../model/series.ts';
import type { Connection, DashboardSnapshot } from '../model/snapshot.ts';
import type { Span } from '../model/spans.ts';
import type { Row } from './row.ts';

/** The app that a tab shows, beyond its row. */
export interface AppDetail {
  /** `null` while it is not known. */
  state: AppState | null;
  /** Where the router serves it; `null` while it is not known. */
  url: string | null;
  instances: readonly InstanceMetrics[];
  /** State and time of the last deployment, and why it failed. */
  deployment: { state: string; at: string; reason: string | null } | null;
  /** Why something of it cannot be shown. */
  trouble: string | null;
}

/** Figures of an interval each, oldest first; `null` where there are none. */
export type Figures = Record<Figure, Array<number | null>>;

/** Requests, and those answered with 500 and above, in each of the last seconds; the newest is the last. */
export interface Minute {
  requests: Array<number | null>;
  errors: Array<number | null>;
}

/** An app as the page names it. */
export interface AppName {
  network: string;
  app: string;
}

/** What the server sends to a tab: one JSON document a frame. */
export type ServerMessage =
  | ({ type: 'hello'; version: string } & Pick<DashboardSnapshot, 'server' | 'context' | 'user' | 'network' | 'filter'>)
  /** All rows, by network and name; takes the place of everything before. `minute` is by app id. */
  | { type: 'rows'; at: string | null; rows: Row[]; minute: Record<string, Minute> }
  /** Rows that have changed since the last message, and ids that are gone. */
  | { type: 'changes'; at: string | null; rows: Row[]; gone: string[] }
  /** How the figures come; without one, what is shown is old. */
  | { type: 'connection'; connection: Connection }
  /** The most recent events, newest first. */
  | { type: 'events'; events: readonly ResourceEvent[] }
  /** Panels of plugins. */
  | { type: 'panels'; panels: readonly DashboardPanel[] }
  /** The app that is shown in the view of that number. */
  | { type: 'app'; view: number; detail: AppDetail }
  /** Its figures over the span that it shows: the newest are of `end`, counted in intervals from 1970. */
  | { type: 'figures'; view: number; span: Span; resolution: 1 | 60; end: number; figures: Figures }
  /** Those of the next interval. */
  | { type: 'next'; view: number; end: number; figures: Record<Figure, number | null> }
  /** New lines of its log; the first ones of a view begin with the oldest that there is. */
  | { type: 'log'; view: number; isFirst: boolean; lines: readonly LogLine[] }
  /** A sign of life. */
  | { type: 'beat' }
  /** rig ends, and why where it was not asked to. */
  | { type: 'bye'; why: string | null };

/** What a tab sends. It can look, and nothing that it says changes anything in Max. */
export type TabMessage =
  /** Which app it shows, in a view with a number of its own; `null` for the list of all. */
  | { type: 'show'; view: number; app: AppName | null }
  /** Which span of time the graphs of its app show. */
  | { type: 'span'; span: Span };

/** The subprotocol of the page's WebSocket; a second one carries the page's key after this prefix. */
export const SUBPROTOCOL = 'rig-dashboard';
/** See {@link SUBPROTOCOL}. */
export const KEY_PREFIX = 'key.';
