import { createHome, type Home } from './home.ts';
import { rigJson, rigOk } from './rig.ts';

/** A real Max of its own in another process, with a user who is signed in to it. */
export interface RunningMax {
  home: Home;
  /** Base URL. */
  url: string;
  port: number;
  pid: number;
  /** The owner's API token. */
  token: string;
  /** Stops Max and its apps, and removes everything. */
  stop(): Promise<void>;
}

interface UpResult {
  url: string;
  pid: number;
}

/** Starts a real Max on any free port by `rig max up`, and signs in. */
export function startMax(env: Record<string, string> = {}): Promise<RunningMax> {
  return startMaxOf(createHome(env));
}

/** The same with the folders of a user who is there already. */
export async function startMaxOf(home: Home): Promise<RunningMax> {
  const { url, pid } = await rigJson<UpResult>(home, ['max', 'up']);
  const port = Number(new URL(url).port);
  // The port is known now: what starts Max again in this home must find it on the same one.
  home.env.RIG_MAX_PORT = String(port);
  const token = (await rigOk(home, ['max', 'token', '-o', 'name'])).stdout.trim();
  await rigOk(home, ['login', '--token-stdin'], { input: token });
  return {
    home,
    url,
    port,
    pid,
    token,
    stop: async () => {
      await rigOk(home, ['max', 'down']);
      await home.remove();
    },
  };
}
