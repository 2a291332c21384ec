import { join } from 'node:path';
import type { Engine, EngineProcess } from '../engine/engine.ts';
import type { LogStore } from '../logs/log-store.ts';
import { removeTree } from '../remove-tree.ts';
import type { StatePaths } from '../store/state-paths.ts';
import { instancesFolder } from './folders.ts';
import type { InstanceRow, InstanceRows } from './instance-rows.ts';
import { Output } from './output.ts';

/** What is needed to deal with the instances of an earlier Max. */
export interface RecoverOptions {
  paths: StatePaths;
  engine: Engine;
  rows: InstanceRows;
  logs: LogStore;
  graceMs: number;
  report(text: string): void;
}

/** The process of an instance that an earlier Max started, where it still runs. */
export function findProcess(row: InstanceRow, engine: Engine): EngineProcess | undefined {
  return row.pid === null || row.identity === null
    ? undefined
    : engine.adopt(row.id, { pid: row.pid, identity: row.identity });
}

/** Ends an instance of an earlier Max, stores what it said, and forgets it. */
export async function endInstance(row: InstanceRow, options: RecoverOptions): Promise<void> {
  const { engine, rows, graceMs } = options;
  await findProcess(row, engine)?.stop(graceMs);
  await clearInstance(row, options);
  rows.remove(row.id);
}

/** Ends whatever is left of an instance whose process has ended, and stores what it said; it may be started again then. */
export async function clearInstance(row: InstanceRow, options: RecoverOptions): Promise<void> {
  const { paths, engine, logs, report } = options;
  await engine.sweep(row.id);
  const folder = join(instancesFolder(paths, row.appId), row.id);
  let stored = true;
  if (row.run > 0) {
    const output = new Output({
      folder: join(folder, `run-${row.run}`),
      log: logs.app(row.appId),
      instance: row.name,
      id: row.id,
      run: row.run,
      report,
    });
    stored = await output.finish();
  }
  // What could not be stored stays until its app goes, for a person to look at.
  if (stored) await removeTree(folder);
}
