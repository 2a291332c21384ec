import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StartSpec } from '../engine/engine.ts';
import { startCommand } from '../engine/start-command.ts';
import { processTypeOf, WEB } from './formation.ts';
import type { InstanceContext } from './instance-context.ts';
import { instanceEnvironment } from './instance-environment.ts';
import { Output } from './output.ts';

/** One process of an instance, before it is started. */
export interface InstanceRun {
  /** Counts the instance's processes. */
  run: number;
  /** The port that it is to open; none but `web` gets one. */
  port: number | null;
  spec: StartSpec;
}

/** Where a process of an instance has its output and its temporary files. */
function runFolder({ instancesFolder }: InstanceContext, id: string, run: number): string {
  return join(instancesFolder, id, `run-${run}`);
}

/** Prepares the next process of an instance: its number, its folders, its port, its command and environment. */
export async function prepareRun(context: InstanceContext, { id, name }: InstanceName): Promise<InstanceRun> {
  const { rows, ports, release, homeFolder, codeFolder } = context;
  const type = processTypeOf(name);
  const plan = release.processes[type];
  if (plan === undefined) throw new Error(`v${release.version} has no process type ${type}`);
  const run = rows.nextRun(id);
  const folder = runFolder(context, id, run);
  const tmp = join(folder, 'tmp');
  mkdirSync(tmp, { recursive: true, mode: 0o700 });
  mkdirSync(homeFolder, { recursive: true, mode: 0o700 });
  const port = type === WEB ? await ports.take() : null;
  const env = instanceEnvironment(context, { instance: name, port, tmp });
  return { run, port, spec: { id, folder, cwd: codeFolder, command: startCommand(plan, codeFolder), env } };
}

/** What a process of an instance writes, followed into the app's log. */
export function outputOf(context: InstanceContext, { id, name }: InstanceName, run: number): Output {
  const { log, report } = context;
  return new Output({ folder: runFolder(context, id, run), log, instance: name, id, run, report });
}

interface InstanceName {
  id: string;
  name: string;
}
