import type { AppState, Instance as InstanceView } from '@rig/plugin-api/max';
import type { Route } from '../router/router.ts';
import type { Target } from '../router/target.ts';
import { Instance } from './instance.ts';
import type { InstanceContext } from './instance-context.ts';

/** Makes the context of a release's instances; `changed` is the runner's. */
export type ContextOf = (version: number, changed: () => void) => InstanceContext;

/** Runs one app: the instances of the release that serves, those of the next in the dark, and those that are draining. */
export class AppRunner {
  readonly #contextOf: ContextOf;
  #version: number | null;
  #serving: Instance[] = [];
  #dark: Instance[] = [];
  #leaving = new Set<Instance>();
  #route: Route;
  #stopped = false;

  constructor(version: number | null, contextOf: ContextOf) {
    this.#version = version;
    this.#contextOf = contextOf;
    this.#route = { deployed: version !== null, targets: [] };
  }

  /** The release that serves. */
  get version(): number | null {
    return this.#version;
  }

  /** Where requests go at this moment. */
  get route(): Route {
    return this.#route;
  }

  /** The app's state as a whole. */
  get state(): AppState {
    if (this.#version === null) return 'empty';
    if (this.#stopped || this.#serving.length === 0) return 'stopped';
    const states = this.#serving.map((instance) => instance.view.state);
    if (states.every((state) => state === 'healthy')) return 'running';
    if (states.includes('healthy')) return 'degraded';
    if (states.includes('backing-off')) return 'crashed';
    return states.includes('unhealthy') ? 'degraded' : 'starting';
  }

  /** Every instance there is, the serving ones first. */
  get instances(): InstanceView[] {
    return [...this.#serving, ...this.#dark, ...this.#leaving].map((instance) => instance.view);
  }

  /** Takes an instance of the release that serves, adopted or started anew. */
  serve(make: (context: InstanceContext) => Instance): void {
    this.#serving.push(make(this.#contextOf(this.#version!, () => this.#changed())));
    this.#changed();
  }

  /** What the processes of a release share. */
  context(version: number): InstanceContext {
    return this.#contextOf(version, () => this.#changed());
  }

  /** Starts instances of the next release; they get no requests. */
  startDark(version: number, count: number): Instance[] {
    const context = this.#contextOf(version, () => this.#changed());
    this.#dark = Array.from({ length: count }, (_, index) => {
      const row = context.rows.create(context.app.id, `web.${index + 1}`, version);
      return new Instance(context, row);
    });
    for (const instance of this.#dark) instance.launch({ dark: true });
    return this.#dark;
  }

  /** Ends the dark instances: their release is not to serve. */
  async dropDark(): Promise<void> {
    const dark = this.#dark;
    this.#dark = [];
    await this.#retire(dark, 0);
  }

  /**
   * Sends all requests to the dark instances from now on. In one step: a request goes to the old ones or to the new.
   *
   * @returns the end of the drain of the old ones
   */
  switchOver(version: number, drainMs: number): Promise<void> {
    const old = this.#serving;
    this.#serving = this.#dark;
    this.#dark = [];
    this.#version = version;
    this.#stopped = false;
    this.#changed();
    return this.#retire(old, drainMs);
  }

  /** Ends every instance; gives how many. */
  async stop(): Promise<number> {
    this.#stopped = true;
    const all = [...this.#serving, ...this.#dark];
    this.#serving = [];
    this.#dark = [];
    const leaving = [...this.#leaving];
    await Promise.all([this.#retire(all, 0), ...leaving.map((instance) => instance.endNow())]);
    return all.length + leaving.length;
  }

  /** Lets go of every instance: Max ends, they run on. */
  async release(): Promise<void> {
    await Promise.all([...this.#serving, ...this.#dark, ...this.#leaving].map((instance) => instance.release()));
  }

  async #retire(instances: Instance[], drainMs: number): Promise<void> {
    await Promise.all(
      instances.map(async (instance) => {
        this.#leaving.add(instance);
        await instance.retire(drainMs);
        this.#leaving.delete(instance);
      }),
    );
  }

  #changed(): void {
    const targets: Target[] = [];
    for (const { target } of this.#serving) if (target !== undefined) targets.push(target);
    this.#route = { deployed: this.#version !== null, targets };
  }
}
