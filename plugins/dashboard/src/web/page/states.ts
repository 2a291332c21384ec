import type { AppState, InstanceMetrics } from '@rig/plugin-api/max';

/** How a state is shown: a sign and a word, so that no colour is needed to read it; `tone` is its colour. */
export interface StateLook {
  sign: string;
  word: string;
  tone: 'good' | 'busy' | 'warn' | 'bad' | 'off';
}

const APPS: Record<AppState, StateLook> = {
  running: { sign: '●', word: 'running', tone: 'good' },
  starting: { sign: '◌', word: 'starting', tone: 'busy' },
  degraded: { sign: '◐', word: 'degraded', tone: 'warn' },
  crashed: { sign: '✗', word: 'crashed', tone: 'bad' },
  stopped: { sign: '○', word: 'stopped', tone: 'off' },
  empty: { sign: '·', word: 'empty', tone: 'off' },
};

const INSTANCES: Record<InstanceMetrics['state'], StateLook> = {
  healthy: { sign: '●', word: 'healthy', tone: 'good' },
  starting: { sign: '◌', word: 'starting', tone: 'busy' },
  unhealthy: { sign: '◐', word: 'unhealthy', tone: 'warn' },
  'backing-off': { sign: '✗', word: 'backing off', tone: 'bad' },
  stopping: { sign: '◑', word: 'stopping', tone: 'off' },
  stopped: { sign: '○', word: 'stopped', tone: 'off' },
};

const unknown = (word: string): StateLook => ({ sign: '?', word, tone: 'off' });

/** How the state of an app is shown; one that a newer Max has is shown by its word. */
export const appLook = (state: AppState): StateLook => APPS[state] ?? unknown(state);

/** How the state of an instance is shown. */
export const instanceLook = (state: InstanceMetrics['state']): StateLook => INSTANCES[state] ?? unknown(state);
