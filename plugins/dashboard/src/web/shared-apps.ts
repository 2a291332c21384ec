import type { LiveDashboard } from '../model/live-dashboard.ts';
import type { OpenApp } from '../model/open-app.ts';

type AppOf = Parameters<LiveDashboard['open']>[0];

/** Apps that tabs look at closely: one that several look at is followed once. */
export class SharedApps {
  readonly #model: LiveDashboard;
  readonly #apps = new Map<string, { opened: OpenApp; tabs: number }>();

  constructor(model: LiveDashboard) {
    this.#model = model;
  }

  /** Opens an app, or joins those who look at it. Each call has its `close`. */
  open(app: AppOf): OpenApp {
    const known = this.#apps.get(app.id);
    if (known) {
      known.tabs += 1;
      return known.opened;
    }
    const opened = this.#model.open(app);
    this.#apps.set(app.id, { opened, tabs: 1 });
    return opened;
  }

  /** A tab looks at it no longer. */
  close({ app: { id } }: OpenApp): void {
    const known = this.#apps.get(id);
    if (known === undefined) return;
    known.tabs -= 1;
    if (known.tabs > 0) return;
    this.#apps.delete(id);
    known.opened.close();
  }
}
