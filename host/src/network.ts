import type { Auth, ChannelEvent, Config, Hook, Http, SettingDefinition, Socket } from '@rig/plugin-api';
import { eventReceived, httpRequest, socketState } from '@rig/plugin-api';
import type { Dirs } from './dirs.ts';
import type { Globals } from './globals.ts';
import type { Io } from './io.ts';

/** What the services that leave this process are made of. */
export interface NetworkOptions {
  io: Io;
  dirs: Dirs;
  globals: Globals;
  signal: AbortSignal;
  version: string;
  warn(code: string, text: string): void;
  note(text: string): void;
  /** A line that only `--verbose` shows. */
  verbose(text: string): void;
  pluginSettings(): Record<string, Record<string, SettingDefinition>>;
  fire(hook: Hook, payload: unknown): Promise<unknown>;
  /** Whether a tap wants to hear of an event of a channel. */
  wantsEvent(topic: string, event: ChannelEvent): boolean;
  defer(cleanup: () => void | Promise<void>): void;
}

/** Config, sign-in, HTTP and socket: each is made on its first call, and its code is loaded then. */
export interface NetworkServices {
  config(): Promise<Config>;
  auth(): Promise<Auth>;
  http(): Promise<Http>;
  socket(): Promise<Socket>;
}

/** Calls a maker once; everybody gets the same answer. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Wires the services together: one configuration, one transport policy, one sign-in. */
export function createNetwork(options: NetworkOptions): NetworkServices {
  const { io, dirs, globals, signal, warn, note } = options;
  const userAgent = `rig/${options.version}`;

  const config = once(async () => {
    const { createConfig } = await import('#config');
    return createConfig({
      io,
      dirs,
      flags: { ...(globals.context ? { context: globals.context } : {}) },
      pluginSettings: options.pluginSettings(),
      warn,
    });
  });

  const trust = async () => ({
    caFile: (await config()).get('ca-file'),
    extraCaFile: io.env.NODE_EXTRA_CA_CERTS,
    warn,
  });

  const transport = once(async () => {
    const { createTransport } = await import('#http');
    const made = createTransport({ userAgent, signal, onReply: options.verbose, ...(await trust()) });
    options.defer(() => made.dispose());
    return made;
  });

  const hostAuth = once(async () => {
    const [{ createAuth }, settings] = await Promise.all([import('#auth'), config()]);
    return createAuth({
      io,
      dirs,
      output: { note, warn },
      signal,
      target: () => settings.target(),
      subject: () => {
        const { context } = settings.target();
        return context === undefined ? undefined : settings.get(`contexts.${context}.subject`);
      },
      transport,
    });
  });

  const http = once(async () => {
    const [{ createHttp }, settings, auth, shared] = await Promise.all([
      import('#http'),
      config(),
      hostAuth(),
      transport(),
    ]);
    return createHttp({
      target: () => settings.target(),
      token: () => auth.token(),
      onUnauthorized: (rejected) => auth.renew(rejected),
      tapRequest: (head) => options.fire(httpRequest, head) as Promise<typeof head>,
      transport: shared,
      userAgent,
      signal,
    });
  });

  const socket = once(async () => {
    const [{ createSocket, EventTaps }, settings, auth] = await Promise.all([import('#socket'), config(), hostAuth()]);
    const taps = new EventTaps((topic, events) => options.fire(eventReceived, { topic, events }));
    let told: Promise<unknown> = Promise.resolve();
    const made = createSocket({
      url: settings.target().server,
      token: () => auth.token(),
      onUnauthorized: (rejected) => auth.renew(rejected),
      userAgent,
      signal,
      note,
      onState: (state) => {
        options.verbose(`socket ${state.state}${state.reason ? `: ${state.reason}` : ''}`);
        told = told.then(() => options.fire(socketState, state)).catch(() => {});
      },
      onEvent: (topic, event) => {
        if (options.wantsEvent(topic, event)) taps.received(topic, event);
      },
      ...(await trust()),
    });
    options.defer(async () => {
      await made.dispose();
      await Promise.all([taps.settled(), told]);
    });
    return made;
  });

  return { config, auth: hostAuth, http, socket };
}
