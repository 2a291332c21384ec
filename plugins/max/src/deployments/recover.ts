import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, EngineProcess } from '../engine/engine.ts';
import type { LogStore } from '../logs/log-store.ts';
import { removeTree } from '../remove-tree.ts';
import type { StatePaths } from '../store/state-paths.ts';
import { instancesFolder } from './folders.ts';
import type { InstanceRow, InstanceRows } from './instance-rows.ts';
import { Output, type OutputSource } from './output.ts';
import type { UnstoredOutput } from './unstored-output.ts';

/** What is needed to deal with the instances of an earlier Max. */
export interface RecoverOptions {
  paths: StatePaths;
  engine: Engine;
  rows: InstanceRows;
  logs: LogStore;
  unstored: UnstoredOutput;
  graceMs: number;
  report(text: string): void;
}

/** The process of an instance that an earlier Max started, where it still runs. */
export function findProcess(row: InstanceRow, engine: Engine): EngineProcess | undefined {
  return row.pid === null || row.identity === null
    ? undefined
    : engine.adopt(row.id, { pid: row.pid, identity: row.identity });
}

/** Ends an instance of an earlier Max, stores what it said, and forgets it; where it cannot be stored, once it is. */
export async function endInstance(row: InstanceRow, options: RecoverOptions): Promise<void> {
  const { engine, rows, graceMs } = options;
  await findProcess(row, engine)?.stop(graceMs);
  if (await clearInstance(row, options)) rows.remove(row.id);
  else rows.retire(row.id);
}

/**
 * Ends whatever is left of an instance whose process has ended, and stores what it said; it may be started again then.
 *
 * @returns whether everything is stored; what is not is tried again
 */
export async function clearInstance(row: InstanceRow, options: RecoverOptions): Promise<boolean> {
  const { engine, unstored } = options;
  await engine.sweep(row.id);
  let stored = true;
  for (const source of await outputsOf(row, options)) {
    if (await new Output(source).finish()) continue;
    unstored.keep(source);
    stored = false;
  }
  if (stored) await removeTree(instanceFolder(row, options));
  return stored;
}

/** Has the output stored that earlier processes of an instance left, whose latest still runs. */
export async function keepEarlierOutput(row: InstanceRow, options: RecoverOptions): Promise<void> {
  for (const source of await outputsOf(row, options)) if (source.run < row.run) options.unstored.keep(source);
}

const instanceFolder = (row: InstanceRow, { paths }: RecoverOptions): string =>
  join(instancesFolder(paths, row.appId), row.id);

/** The output that lies in an instance's folder, oldest first. */
async function outputsOf(row: InstanceRow, options: RecoverOptions): Promise<OutputSource[]> {
  const { logs, report } = options;
  const folder = instanceFolder(row, options);
  const names = await readdir(folder).catch((): string[] => []);
  const runs = names.flatMap((name) => /^run-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  return runs
    .sort((a, b) => a - b)
    .map((run) => ({
      folder: join(folder, `run-${run}`),
      log: logs.app(row.appId),
      instance: row.name,
      id: row.id,
      run,
      report,
    }));
}
