import type { InstanceFailureCode } from '@rig/plugin-api/max';
import type { Engine } from '../engine/engine.ts';
import type { Ports } from '../engine/ports.ts';
import type { Log } from '../logs/log.ts';
import type { AppRecord } from '../store/apps.ts';
import type { InstanceRows } from './instance-rows.ts';
import type { ReleaseRow } from './release-rows.ts';
import type { Tuning } from './tuning.ts';
import type { UnstoredOutput } from './unstored-output.ts';

/** What followers are told of an instance. */
export type InstanceEvent = 'instance.crashed' | 'instance.unhealthy' | 'instance.recovered';

/** What the instances of one release share. */
export interface InstanceContext {
  app: AppRecord;
  release: ReleaseRow;
  /** The release's vars and secrets in the clear: asked for at each start, and kept nowhere. */
  values(): Record<string, string>;
  healthcheck: string | null;
  /** The release's tree. */
  codeFolder: string;
  /** The app's home, kept across releases. */
  homeFolder: string;
  /** Where instances have their output files. */
  instancesFolder: string;
  engine: Engine;
  rows: InstanceRows;
  ports: Ports;
  log: Log;
  /** Takes output that could not be stored. */
  unstored: UnstoredOutput;
  tuning: Tuning;
  /** Called at each change of an instance that concerns the route or the app's state. */
  changed(): void;
  /** Tells the app's followers what became of an instance, in its log and as an event. */
  tell(type: InstanceEvent, text: string, code?: InstanceFailureCode): void;
  /** Writes to Max's own log. */
  report(text: string): void;
}
