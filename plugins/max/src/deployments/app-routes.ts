import type { AppHost } from '../router/app-host.ts';
import type { Route } from '../router/router.ts';
import type { Apps } from '../store/apps.ts';
import type { AppRunner } from './app-runner.ts';
import type { AppRunners } from './app-runners.ts';

const EMPTY: Route = { deployed: false, targets: [] };

/** Finds an app's route by its names, without a look into the database at each request. */
export class AppRoutes {
  readonly #apps: Apps;
  readonly #runners: AppRunners;
  readonly #known = new Map<string, { id: string; runner: AppRunner }>();

  constructor(apps: Apps, runners: AppRunners) {
    this.#apps = apps;
    this.#runners = runners;
  }

  /** The route at this moment, `undefined` for an app that is not there. */
  of({ app, network }: AppHost): Route | undefined {
    const name = `${app}.${network}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known.runner.route;
    const found = this.#apps.byName(network, app);
    const runner = found && this.#runners.get(found.id);
    // An app without a runner is not remembered: it may get one, or go, and nobody would say so here.
    if (runner !== undefined) this.#known.set(name, { id: found!.id, runner });
    return found && (runner?.route ?? EMPTY);
  }

  /** The app's id, `undefined` for an app that is not there. */
  idOf({ app, network }: AppHost): string | undefined {
    return this.#known.get(`${app}.${network}`)?.id ?? this.#apps.byName(network, app)?.id;
  }

  /** Forgets an app that is removed. */
  forget({ name, network }: { name: string; network: string }): void {
    this.#known.delete(`${name}.${network}`);
  }
}
