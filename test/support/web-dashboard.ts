import type { Home } from './home.ts';
import { outputLines } from './output-lines.ts';
import { spawnRig } from './rig.ts';

/** A dashboard that is served to browsers. */
export interface WebDashboard {
  /** `http://127.0.0.1:PORT`. */
  origin: string;
  port: number;
  pid: number;
  /** The first link is number 0; each use of one brings the next. */
  link(number: number): Promise<string>;
  /** Presses Ctrl-C, and gives the exit code. */
  interrupt(): Promise<number | undefined>;
}

/** Runs `rig status dashboard --web` until it is interrupted. */
export async function startWebDashboard(
  home: Home,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<WebDashboard> {
  const running = spawnRig(home, ['status', 'dashboard', '--web', '-o', 'ndjson', ...args], { env, timeout: 120_000 });
  const out = outputLines(running.stdout as NonNullable<typeof running.stdout>);
  const err = outputLines(running.stderr as NonNullable<typeof running.stderr>);
  const link = async (number: number): Promise<string> => {
    await out.count(number + 1);
    return (JSON.parse(out.all[number] as string) as { url: string }).url;
  };
  const first = await link(0).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${err.all.join('\n')}`);
  });
  const { origin, port } = new URL(first);
  return {
    origin,
    port: Number(port),
    pid: running.pid as number,
    link,
    async interrupt() {
      running.kill('SIGINT');
      return (await running).exitCode;
    },
  };
}
