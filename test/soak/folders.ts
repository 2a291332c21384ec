import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { App, Build } from '@rig/plugin-api/max';
import { eventually, type MaxUnderFire } from './max-under-fire.ts';

/** Waits until Max has no folder on disk that belongs to an app or a build which it does not know. */
export async function checkFolders(max: MaxUnderFire): Promise<void> {
  await eventually('folders of what is gone', async () => {
    const apps = await max.list<App>('/v1/apps');
    const known = new Set(apps.map(({ id }) => id));
    for (const { name, network } of apps)
      for (const { id } of await max.list<Build>(`/v1/networks/${network}/apps/${name}/builds`)) known.add(id);
    const left = ['apps', 'builds', join('logs', 'apps'), join('logs', 'builds'), 'cache'].flatMap((folder) =>
      namesIn(join(max.dir, folder))
        .filter((name) => !known.has(name))
        .map((name) => join(folder, name)),
    );
    return left.length === 0 ? { found: true } : `${left.length} stay, such as ${left.slice(0, 5).join(' ')}`;
  });
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
