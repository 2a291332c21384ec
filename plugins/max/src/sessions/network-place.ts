import { lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { homeFolder } from '../deployments/folders.ts';
import { baseEnvironment } from '../engine/environment.ts';
import { removeTree } from '../remove-tree.ts';
import type { AppRecord, Apps } from '../store/apps.ts';
import type { NetworkRecord } from '../store/networks.ts';
import type { StatePaths } from '../store/state-paths.ts';
import type { SessionPlace } from './place.ts';

/** The control planes of networks: a folder of its own for each, with a way to each of its apps. */
export class NetworkPlaces {
  readonly #paths: StatePaths;
  readonly #apps: Apps;
  readonly #port: () => number;

  constructor(paths: StatePaths, apps: Apps, port: () => number) {
    this.#paths = paths;
    this.#apps = apps;
    this.#port = port;
  }

  /**
   * Where a session of a network runs. Nothing of an app's vars and secrets is there.
   *
   * @param codeOf gives the folder of the release that an app serves
   */
  of(network: NetworkRecord, codeOf: (app: AppRecord) => string | undefined): SessionPlace {
    const folder = join(this.#paths.networks, network.id);
    const home = join(folder, 'home');
    return {
      ...{ network: network.name, networkId: network.id, app: null, appId: null, instance: null, release: null },
      cwd: home,
      port: null,
      sessionsFolder: join(folder, 'sessions'),
      environment: (tmp) => {
        this.#linkApps(join(home, 'apps'), network, codeOf);
        const url = `http://127.0.0.1:${this.#port()}`;
        return { ...baseEnvironment({ home, tmp }), MAX_NETWORK: network.name, MAX_URL: url };
      },
      blot: (text) => text,
      hold: () => () => {},
    };
  }

  /** Removes what a network had of its own. */
  remove(network: NetworkRecord): Promise<void> {
    return removeTree(join(this.#paths.networks, network.id));
  }

  /** `apps/NAME/code` and `apps/NAME/home` lead to where the app's release and its data are at this moment. */
  #linkApps(folder: string, network: NetworkRecord, codeOf: (app: AppRecord) => string | undefined): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const apps = this.#apps.ofNetwork(network.id);
    const names = new Set(apps.map(({ name }) => name));
    // What is no folder is a file of a person's.
    for (const name of readdirSync(folder))
      if (!names.has(name) && isFolder(join(folder, name))) unlinkApp(join(folder, name));
    for (const app of apps) {
      const links = join(folder, app.name);
      if (lstatSync(links, { throwIfNoEntry: false }) !== undefined && !isFolder(links)) continue;
      mkdirSync(links, { recursive: true, mode: 0o700 });
      link(join(links, 'code'), codeOf(app));
      link(join(links, 'home'), homeFolder(this.#paths, app.id));
    }
  }
}

const isFolder = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Removes what was made for an app that is gone, and nothing that a person has put there. */
function unlinkApp(folder: string): void {
  link(join(folder, 'code'), undefined);
  link(join(folder, 'home'), undefined);
  try {
    rmdirSync(folder);
  } catch {
    // Something of a person's is in it.
  }
}

/** Makes a symbolic link anew, and leaves alone what a person put in its place. */
function link(path: string, target: string | undefined): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isSymbolicLink()) return;
  rmSync(path, { force: true });
  if (target !== undefined) symlinkSync(target, path);
}
