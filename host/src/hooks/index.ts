import {
  type ChannelEvent,
  ExitCode,
  type Hook,
  isRigError,
  type PluginDefinition,
  RigError,
  type Services,
  type Tap,
} from '@rig/plugin-api';
import { AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook } from 'tapable';
import { passes } from '../event-filter.ts';

/** What the bus needs of the host. */
export interface BusOptions {
  /** Loads a plugin that the index says taps the hook. */
  load(plugin: string): Promise<PluginDefinition>;
  /** The services of a plugin, as far as its permissions go. */
  servicesFor(plugin: string): Services;
  warn(code: string, text: string): void;
  /** A line of `--trace`. */
  trace?: ((text: string) => void) | undefined;
  /** Milliseconds of the waits for a person that have begun since a moment; they do not count against a tap. */
  waitedForPerson(since: number): number;
  /** Aborted when the command is interrupted. */
  signal: AbortSignal;
}

/** What one bus knows beside. */
interface Bus extends BusOptions {
  /** Contained taps, and plugins with their hook, whose failure was warned of: some hooks fire each second. */
  told: Set<Tap | string>;
}

const TOO_LATE = Symbol('the deadline has passed');

/** Fires hooks: loads the plugins that tap one, wraps each tap with its name, deadline and failure rule. */
export function createBus(given: BusOptions): {
  fire(hook: Hook, payload: unknown, plugins: readonly string[]): Promise<unknown>;
} {
  const options: Bus = { ...given, told: new Set() };
  return {
    async fire(hook, payload, plugins) {
      const tapable = make(hook);
      const start = performance.now();
      for (const plugin of plugins) await addTaps(tapable, hook, plugin, options);
      options.trace?.(
        `hook ${hook.name}: ${plugins.join(', ')}, loaded in ${Math.round(performance.now() - start)} ms`,
      );
      return tapable.promise(payload);
    },
  };
}

type AnyTapable = AsyncSeriesHook<[unknown]>;

function make(hook: Hook): AnyTapable {
  if (hook.kind === 'waterfall') return new AsyncSeriesWaterfallHook<[unknown]>(['value'], hook.name) as never;
  if (hook.kind === 'bail') return new AsyncSeriesBailHook<[unknown], unknown>(['payload'], hook.name) as never;
  return new AsyncSeriesHook<[unknown]>(['payload'], hook.name);
}

async function addTaps(tapable: AnyTapable, hook: Hook, plugin: string, options: Bus): Promise<void> {
  let taps: readonly Tap[];
  try {
    taps = (await options.load(plugin)).taps?.filter((tap) => tap.hook.name === hook.name) ?? [];
  } catch (error) {
    if (hook.onFailure === 'abort') throw error;
    const why = `${hook.name} goes on without the plugin "${plugin}": ${(error as Error).message}`;
    warnOnce(options, `${plugin} ${hook.name}`, why);
    return;
  }
  for (const tap of taps)
    tapable.tapPromise(plugin, async (payload) => {
      const own = narrowed(tap, payload);
      return own === undefined ? undefined : ((await run(hook, plugin, tap, own, options)) as undefined);
    });
}

/** The events of a batch that a tap with a filter is told of; `undefined` for none. */
function narrowed({ when }: Tap, payload: unknown): unknown {
  if (when === undefined) return payload;
  const { topic, events } = payload as { topic: string; events: readonly ChannelEvent[] };
  const own = events.filter((event) => passes(when, topic, event));
  return own.length === 0 ? undefined : { topic, events: own };
}

async function run(hook: Hook, plugin: string, tap: Tap, payload: unknown, options: Bus): Promise<unknown> {
  const start = performance.now();
  const elapsed = (): string => `${Math.round(performance.now() - start)} ms`;
  try {
    const result = await withDeadline(hook, plugin, tap, payload, options);
    options.trace?.(`hook ${hook.name}: ${plugin} took ${elapsed()}`);
    return result;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    options.trace?.(`hook ${hook.name}: ${plugin} failed after ${elapsed()}: ${why}`);
    if (hook.onFailure === 'abort') {
      if (isRigError(error)) throw error;
      throw new RigError({
        code: 'RIG_TAP_FAILED',
        message: `the plugin "${plugin}" failed in the hook ${hook.name} after ${elapsed()}: ${why}`,
        hint: `go on without it: rig --no-plugins …, or remove it: rig plugins unlink ${plugin}`,
        exitCode: ExitCode.Plugin,
        cause: error,
      });
    }
    warnOnce(options, tap, `the plugin "${plugin}" failed in the hook ${hook.name} after ${elapsed()}: ${why}`);
    return undefined;
  }
}

/** Warns of a tap once, whatever it fails with later: a text with a time in it is another each time. */
function warnOnce({ told, warn }: Bus, who: Tap | string, text: string): void {
  if (told.has(who)) return;
  told.add(who);
  warn('RIG_TAP_FAILED', text);
}

/** Races a tap against its hook's deadline; time spent waiting for a person is added to it. */
async function withDeadline(
  hook: Hook,
  plugin: string,
  tap: Tap,
  payload: unknown,
  options: BusOptions,
): Promise<unknown> {
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, options.signal]);
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof TOO_LATE>((resolve) => {
    const check = (): void => {
      const left = hook.deadline + options.waitedForPerson(started) - (performance.now() - started);
      if (left <= 0) resolve(TOO_LATE);
      else timer = setTimeout(check, left + 1);
    };
    check();
  });
  try {
    const result = await Promise.race([
      Promise.resolve().then(() => tap.fn(payload, { signal, services: options.servicesFor(plugin) })),
      late,
    ]);
    if (result === TOO_LATE) {
      const error = new Error(`it did not end within ${hook.deadline} ms`);
      abort.abort(error);
      throw error;
    }
    return result;
  } finally {
    clearTimeout(timer);
  }
}
