import { spawn } from 'node:child_process';
import { platform } from 'node:os';

/** What opens an address on each system. */
function opener(url: string): [program: string, args: string[]] {
  if (platform() === 'darwin') return ['open', [url]];
  if (platform() === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return ['xdg-open', [url]];
}

/** Whether there is somebody at a display who may want a browser to be opened. */
export function canOpenBrowser(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.CI) return false;
  return platform() !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** Opens an address in the user's browser, as a convenience: resolves with whether something took it. */
export function openBrowser(url: string, env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  return new Promise((resolve) => {
    const [program, args] = opener(url);
    // A browser has no use for what rig is told in secret.
    const plain = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('RIG_')));
    const child = spawn(program, args, { stdio: 'ignore', detached: true, env: plain as NodeJS.ProcessEnv });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
