import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MARK } from '../../plugins/max/src/engine/engine.ts';

/** A process of an app, as the system's table has it. */
export interface AppProcess {
  pid: number;
  appId: string;
  /** The instance's name, such as `web.1`. */
  instance: string;
  /** The id of the instance's row, or that of the build or deployment whose step it is. */
  mark: string;
}

/** Every process of the apps of a Max; `undefined` where the system does not tell. */
export function appProcesses(dir: string): AppProcess[] | undefined {
  if (process.platform !== 'linux') return undefined;
  const home = new RegExp(`^HOME=${join(dir, 'apps')}/([^/]+)/home$`);
  const found: AppProcess[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const environ = environOf(pid);
    const appId = environ.map((entry) => home.exec(entry)?.[1]).find((id) => id !== undefined);
    if (appId === undefined) continue;
    found.push({ pid: Number(pid), appId, instance: entryOf(environ, 'MAX_INSTANCE'), mark: entryOf(environ, MARK) });
  }
  return found;
}

/** The numbers of the processes of one app. */
export function processesOf(dir: string, appId: string): number[] | undefined {
  return appProcesses(dir)
    ?.filter((one) => one.appId === appId)
    .map(({ pid }) => pid);
}

/** Marks that more than one process bears, though each instance is one process. */
export function doubled(processes: readonly AppProcess[]): string[] {
  const seen = new Set<string>();
  return processes
    .filter(({ mark }) => seen.size === seen.add(mark).size)
    .map(({ instance, mark }) => `${instance} (${mark})`);
}

function entryOf(environ: readonly string[], name: string): string {
  return environ.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

function environOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
