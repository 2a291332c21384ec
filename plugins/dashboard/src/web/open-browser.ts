import { spawn } from 'node:child_process';
import { platform } from 'node:os';

/** What opens an address on each system. */
function opener(url: string): [program: string, args: string[]] {
  if (platform() === 'darwin') return ['open', [url]];
  if (platform() === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return ['xdg-open', [url]];
}

/** Why no browser is opened; `undefined` where one can be. */
export function whyNoBrowser(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env.CI) return 'CI is set';
  if (platform() === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display';
  return undefined;
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
