import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { type ConfigOptions, createConfig, type HostConfig } from '../../../../host/src/config/index.ts';
import { isAlive } from '../../../../host/src/io.ts';

/** A home, a system folder and a project of their own. */
export interface Sandbox {
  root: string;
  home: string;
  userFile: string;
  systemFile: string;
  project: string;
  warnings: Array<{ code: string; text: string }>;
  /** Writes a file below the root (or at an absolute path), objects as JSON; gives its path. */
  write(path: string, content: unknown): string;
  load(
    options?: Partial<Omit<ConfigOptions, 'io'>> & { env?: Record<string, string>; cwd?: string; uid?: number },
  ): Promise<HostConfig>;
}

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** Makes a sandbox that is removed after the test. */
export function sandbox(): Sandbox {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'rig-config-')));
  roots.push(root);
  const home = join(root, 'home');
  const config = join(home, '.config', 'rig');
  const project = join(home, 'projects', 'shop');
  mkdirSync(project, { recursive: true });
  const warnings: Sandbox['warnings'] = [];
  return {
    root,
    home,
    project,
    userFile: join(config, 'config.json'),
    systemFile: join(root, 'etc', 'rig', 'config.json'),
    warnings,
    write(path, content) {
      const file = path.startsWith('/') ? path : join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
    load: ({ env = {}, cwd = project, uid = process.getuid?.() ?? -1, ...options } = {}) =>
      createConfig({
        io: {
          env: { XDG_CONFIG_DIRS: join(root, 'etc'), ...env },
          cwd,
          home,
          platform: 'linux',
          uid,
          pid: process.pid,
          isAlive,
        },
        dirs: { config },
        flags: {},
        pluginSettings: {},
        warn: (code, text) => warnings.push({ code, text }),
        ...options,
      }),
  };
}
