import type { AppState, Instance as InstanceView } from '@rig/plugin-api/max';
import type { Route } from '../router/router.ts';
import type { Target } from '../router/target.ts';
import { byInstanceName, WEB } from './formation.ts';
import { Instance } from './instance.ts';
import type { InstanceContext } from './instance-context.ts';

/** Makes the context of a release's instances; `changed` is the runner's. */
export type ContextOf = (version: number, changed: () => void) => InstanceContext;

/** Runs one app: the instances of the release that serves, those that are to join or follow them in the dark, and those that are draining. */
export class AppRunner {
  readonly #contextOf: ContextOf;
  #version: number | null = null;
  #serving: Instance[] = [];
  #dark: Instance[] = [];
  #leaving = new Set<Instance>();
  #route: Route = { deployed: false, targets: [] };
  /** Stopped by a person. */
  #stopped = false;

  constructor(contextOf: ContextOf) {
    this.#contextOf = contextOf;
  }

  /** The release that serves, or would if the app were not stopped. */
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
    if (this.#stopped && this.#dark.length > 0) return 'starting';
    if (this.#stopped || this.#serving.length === 0) return 'stopped';
    const states = this.#serving.map((instance) => instance.view.state);
    if (states.every((state) => state === 'healthy')) return 'running';
    if (states.includes('healthy')) return 'degraded';
    if (states.includes('backing-off')) return 'crashed';
    return states.includes('unhealthy') ? 'degraded' : 'starting';
  }

  /** Every instance there is, the serving ones first. */
  get instances(): InstanceView[] {
    return [this.#serving, this.#dark, [...this.#leaving]].flatMap((some) =>
      some.map((instance) => instance.view).sort((one, other) => byInstanceName(one.name, other.name)),
    );
  }

  /** Every instance there is, and whether it is one of those that serve. */
  *members(): Generator<[instance: Instance, serves: boolean]> {
    for (const instance of this.#serving) yield [instance, true];
    for (const instance of this.#dark) yield [instance, false];
    for (const instance of this.#leaving) yield [instance, false];
  }

  /** The names of the instances that serve. */
  get serving(): string[] {
    return this.#serving.map(({ name }) => name);
  }

  /** Notes which release serves, or would if the app were not stopped, without a change of what runs. */
  become(version: number, stopped: boolean): void {
    this.#version = version;
    this.#stopped = stopped;
    this.#changed();
  }

  /** Takes an instance of the release that serves, adopted or started anew. */
  serve(make: (context: InstanceContext) => Instance): void {
    this.#serving.push(make(this.context(this.#version!)));
    this.#changed();
  }

  /** What the processes of a release share. */
  context(version: number): InstanceContext {
    return this.#contextOf(version, () => this.#changed());
  }

  /** Starts instances that get no requests: of the next release, or more of this one. */
  startDark(version: number, names: readonly string[]): Instance[] {
    const context = this.context(version);
    this.#dark = names.map((name) => new Instance(context, context.rows.create(context.app.id, name, version)));
    for (const instance of this.#dark) instance.launch({ dark: true });
    return this.#dark;
  }

  /** Ends the dark instances: they are not to serve. */
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
    this.become(version, false);
    return this.#retire(old, drainMs);
  }

  /**
   * Lets the dark instances serve beside the others from now on, and ends those that are not among `names`.
   *
   * @returns the end of the drain of these
   */
  join(names: readonly string[], drainMs: number): Promise<void> {
    const wanted = new Set(names);
    const all = [...this.#serving, ...this.#dark];
    this.#serving = all.filter(({ name }) => wanted.has(name));
    this.#dark = [];
    this.#stopped = false;
    this.#changed();
    return this.#retire(
      all.filter(({ name }) => !wanted.has(name)),
      drainMs,
    );
  }

  /** Stops the app: no request goes to it any more, and its instances end once those under way have. */
  halt(drainMs: number): Promise<void> {
    const all = this.#serving;
    this.#serving = [];
    this.#stopped = true;
    this.#changed();
    return this.#retire(all, drainMs);
  }

  /** Ends every instance; gives how many. */
  async end(): Promise<number> {
    const all = [...this.#serving, ...this.#dark];
    this.#serving = [];
    this.#dark = [];
    this.#changed();
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
    if (this.#stopped) this.#route.closed = 'stopped';
    else if (this.#serving.length > 0 && !this.#serving.some(({ type }) => type === WEB)) this.#route.closed = 'no-web';
  }
}
