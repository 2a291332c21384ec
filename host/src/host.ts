import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ChannelEvent,
  commandFinished,
  ExitCode,
  eventReceived,
  type Hook,
  type PluginDefinition,
  RigError,
  type Services,
} from '@rig/plugin-api';
import { type Dirs, findDirs } from './dirs.ts';
import { passes } from './event-filter.ts';
import type { Format, Globals } from './globals.ts';
import type { Io } from './io.ts';
import { createNetwork } from './network.ts';
import { createOutput, type HostOutput } from './output/index.ts';
import type { CommandIndex } from './plugins/index-file.ts';
import { type HostServices, scope } from './services.ts';
import { SignalTakers, type TakenSignal } from './signal-takers.ts';

/** Milliseconds that everything has to close at the end. */
const DISPOSE_MS = 3000;

/** Commands that must work whatever a plugin does, so that a broken one can always be removed. */
const FIRST_PARTY_TAPS_ONLY = /^(plugins|config|doctor)( |$)/;

/** One run of rig: its output, its lazy services and what must be closed at its end. */
export interface Host {
  readonly io: Io;
  readonly dist: string;
  readonly dirs: Dirs;
  readonly output: HostOutput;
  /** Sets the index that hooks and plugin settings are looked up in, and the command that runs. */
  useIndex(index: CommandIndex, path: string): void;
  loadPlugin(name: string): Promise<PluginDefinition>;
  servicesFor(plugin: string): Services;
  finished(path: readonly string[], exitCode: number, durationMs: number): Promise<void>;
  /** Prints an error and gives its exit code. */
  fail(error: unknown): Promise<number>;
  /** Ends the command as well as can be, unless it takes signals itself; a second time ends rig at once. */
  interrupt(signal: TakenSignal): void;
  /** Tells the command to end because something failed that nobody waited for. */
  stop(why: unknown): void;
  /** The error for a command that waits with nothing left that could go on. */
  stuck(): RigError;
  /** Settles with 130 if the command has not ended that long after an interrupt. */
  interruptedFor(ms: number): Promise<number>;
  dispose(): Promise<void>;
}

/** Makes the host of one run; nothing is loaded that the command may not need. */
export function createHost(io: Io, globals: Globals, dist: string): Host {
  const dirs = findDirs(io);
  const abort = new AbortController();
  const cleanups: Array<() => void | Promise<void>> = [];
  const loaded = new Map<string, PluginDefinition>();
  let index: CommandIndex | undefined;
  let path = '';
  let interrupted = false;
  const signals = new SignalTakers();
  let graceStarts: () => void = () => {};
  const grace = new Promise<void>((resolve) => {
    graceStarts = resolve;
  });

  const output = createOutput(io, {
    ...(globals.output ? { format: globals.output } : {}),
    ...(globals.color ? { color: globals.color } : {}),
    verbose: globals.verbose,
    version: versionOf(dist),
    stateDir: dirs.state,
    abort,
    describeTarget: async () => (await network.config()).target(),
    defaultFormat: async () => (await network.config()).get<Format>('output'),
    defaultColor: async () => (await network.config()).get<NonNullable<Globals['color']>>('color'),
  });

  const network = createNetwork({
    io,
    dirs,
    globals,
    signal: abort.signal,
    warn: (code, text) => output.service.warn(code, text),
    note: (text) => output.service.note(text),
    verbose: (text) => output.verbose(text),
    pluginSettings: () => index?.settings ?? {},
    fire: (hook, payload) => fire(hook, payload) as never,
    wantsEvent: (topic, event) => tappersOf(eventReceived).some((name) => wants(name, topic, event)),
    defer: (cleanup) => cleanups.push(cleanup),
    version: versionOf(dist),
  });

  let loader: Promise<(name: string, plugin: CommandIndex['plugins'][string]) => Promise<PluginDefinition>> | undefined;
  const loadPlugin = async (name: string): Promise<PluginDefinition> => {
    const known = index?.plugins[name];
    if (!known)
      throw new RigError({ code: 'RIG_INTERNAL', message: `the index names a plugin "${name}" that it lacks` });
    const { installRuntime } = await import('#cli');
    installRuntime();
    if (known.entry === '#commands') return (await import('#commands')).hostCommands;
    loader ??= import('#loader').then(({ createLoader }) => createLoader(io.self[1]));
    const plugin = await (await loader)(name, known);
    loaded.set(name, plugin);
    return plugin;
  };

  const tappersOf = (hook: Hook): string[] => {
    const all = index?.taps[hook.name] ?? [];
    return FIRST_PARTY_TAPS_ONLY.test(path) ? all.filter((name) => !index?.plugins[name]?.source) : all;
  };
  /** Whether a plugin that taps `event:received` wants one: it is not loaded for others. */
  const wants = (name: string, topic: string, event: ChannelEvent): boolean =>
    index?.plugins[name]?.when?.some((filter) => passes(filter, topic, event)) ?? true;

  let bus: Promise<ReturnType<typeof import('./hooks/index.ts').createBus>> | undefined;
  const fire = async (hook: Hook, payload: unknown): Promise<unknown> => {
    const all = tappersOf(hook);
    const { topic, events } = payload as { topic: string; events: readonly ChannelEvent[] };
    const taps =
      hook.name === eventReceived.name ? all.filter((name) => events.some((event) => wants(name, topic, event))) : all;
    if (taps.length === 0) {
      if (globals.trace) output.trace(`hook ${hook.name}: nobody taps it`);
      return hook.kind === 'waterfall' ? payload : undefined;
    }
    bus ??= import('#hooks').then(({ createBus }) =>
      createBus({
        load: loadPlugin,
        servicesFor,
        warn: (code, text) => output.service.warn(code, text),
        trace: globals.trace ? (text) => output.trace(text) : undefined,
        waitedForPerson: (since) => output.waitedForPerson(since),
        signal: abort.signal,
      }),
    );
    return (await bus).fire(hook, payload, taps);
  };

  const servicesFor = (name: string): Services => {
    const known = index?.plugins[name];
    const own: HostServices = { ...services, io };
    return known?.entry === '#commands' ? own : scope(services, name, known?.permissions ?? []);
  };

  const services: Services = {
    signal: abort.signal,
    output: output.service,
    prompt: output.prompt,
    config: network.config,
    auth: network.auth,
    http: network.http,
    socket: network.socket,
    stdin: () => io.stdin,
    lease: () => output.lease(),
    onSignal: (listener, options) => signals.onSignal(listener, options),
    fire: fire as Services['fire'],
    defer: (cleanup) => cleanups.push(cleanup),
    runtime: {
      get cwd() {
        return io.cwd;
      },
      env: io.env,
      self: io.self,
      version: versionOf(dist),
      dirs,
    },
  };

  return {
    io,
    dist,
    dirs,
    output,
    useIndex(chosen, command) {
      index = chosen;
      path = command;
    },
    loadPlugin,
    servicesFor,
    async finished(words, exitCode, durationMs) {
      await fire(commandFinished, { path: words, exitCode, durationMs });
    },
    fail: (error) => output.renderError(error),
    interrupt(signal) {
      if (signals.take(signal)) return;
      if (interrupted) {
        output.restore();
        io.exit(ExitCode.Interrupted);
      }
      interrupted = true;
      abort.abort(interruption());
      graceStarts();
    },
    stop: (why) => abort.abort(why),
    stuck: () =>
      new RigError({
        code: 'RIG_STUCK',
        message: `${path ? `"rig ${path}"` : 'rig'} waits for something that can no longer happen`,
        hint: 'this is a fault of the command: tell its author; what it had begun may be half done',
      }),
    async interruptedFor(ms) {
      await grace;
      await new Promise((resolve) => setTimeout(resolve, ms).unref());
      return ExitCode.Interrupted;
    },
    async dispose() {
      await atMost(DISPOSE_MS, closeAll(cleanups, loaded, output));
      // A pager that is read slowly must not lose the end; who has pressed Ctrl-C wants none.
      await (interrupted ? atMost(DISPOSE_MS, output.flush()) : output.flush());
    },
  };
}

/** Waits for something, but no longer than that. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, deadline]);
  clearTimeout(timer);
}

async function closeAll(
  cleanups: Array<() => void | Promise<void>>,
  loaded: Map<string, PluginDefinition>,
  output: HostOutput,
): Promise<void> {
  for (const cleanup of cleanups.reverse())
    try {
      await cleanup();
    } catch (error) {
      output.service.warn(
        'RIG_DISPOSE_FAILED',
        `something could not be closed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  for (const [name, plugin] of loaded)
    try {
      await plugin.dispose?.();
    } catch (error) {
      output.service.warn(
        'RIG_DISPOSE_FAILED',
        `the plugin "${name}" failed to close: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
}

const interruption = (): RigError =>
  new RigError({ code: 'RIG_INTERRUPTED', message: 'interrupted', exitCode: ExitCode.Interrupted });

let version: string | undefined;
/** The version of rig, from the host's package.json. */
function versionOf(dist: string): string {
  version ??= (JSON.parse(readFileSync(join(dist, '..', 'package.json'), 'utf8')) as { version: string }).version;
  return version;
}
