import type { Services } from './services.ts';
import type { ChannelEvent } from './socket.ts';

/** What a failing or hanging tap means: `contain` warns and goes on, `abort` fails the command. */
export type OnFailure = 'contain' | 'abort';

/** How a hook treats its taps. */
export interface HookOptions {
  /** `contain` unless said; whatever signs, resolves, redacts or gates must say `abort`. */
  onFailure?: OnFailure;
  /** Milliseconds one tap may take, time spent waiting for a person not counted; 5,000 unless said. */
  deadline?: number;
}

interface HookBase<Kind extends string> {
  readonly kind: Kind;
  /** The hook's name, `noun:event`; two tokens of one name are the same hook. */
  readonly name: string;
  readonly onFailure: OnFailure;
  readonly deadline: number;
}

/** Every tap is called in turn with the payload; what they return is not used. */
export interface SeriesHook<P> extends HookBase<'series'> {
  /** Carries the type of what taps are told; never set. */
  readonly payload?: P;
}

/** Every tap gets the value of the one before and may return another; `undefined` keeps it. */
export interface WaterfallHook<V> extends HookBase<'waterfall'> {
  /** Carries the type of the value; never set. */
  readonly payload?: V;
}

/** Taps are asked in turn until one returns something that is not `undefined`. */
export interface BailHook<P, R> extends HookBase<'bail'> {
  /** Carries the type of what taps are told; never set. */
  readonly payload?: P;
  /** Carries the type of what they may answer; never set. */
  readonly answer?: R;
}

/** Any hook token. */
// biome-ignore lint/suspicious/noExplicitAny: a list of hooks of unrelated payloads has no common type but this
export type Hook = SeriesHook<any> | WaterfallHook<any> | BailHook<any, any>;

/** What a tap is told beside the payload. */
export interface TapContext {
  /** Aborted when the tap's deadline has passed or the command is interrupted. */
  readonly signal: AbortSignal;
  /** The services of the tap's own plugin, as far as its permissions go. */
  readonly services: Services;
}

/** The function that taps a hook. */
export type TapFunction<H extends Hook> =
  H extends SeriesHook<infer P>
    ? (payload: P, context: TapContext) => void | Promise<void>
    : H extends WaterfallHook<infer V>
      ? (value: V, context: TapContext) => V | undefined | Promise<V | undefined>
      : H extends BailHook<infer P, infer R>
        ? (payload: P, context: TapContext) => R | undefined | Promise<R | undefined>
        : never;

/** A tap as a plugin lists it: a hook and a function. */
export interface Tap {
  /** The hook that it taps. */
  readonly hook: Hook;
  /** What is called when it fires. */
  // biome-ignore lint/suspicious/noExplicitAny: the pair was checked by `on`
  readonly fn: (payload: any, context: TapContext) => unknown;
  /** Of `event:received`: which events it is told of; all unless said. */
  readonly when?: EventFilter;
}

/** Which events a tap of `event:received` is told of; a `*` at the end stands for any end. Written into the manifest. */
export interface EventFilter {
  /** The topic, e.g. `app:*`. */
  topic?: string;
  /** Name of the event, e.g. `event`, `update` or `lines`. */
  event?: string;
  /** The `type` of the payload, e.g. `deployment.*`. */
  type?: string;
}

const token = <Kind extends string>(kind: Kind, name: string, options: HookOptions): HookBase<Kind> => ({
  kind,
  name,
  onFailure: options.onFailure ?? 'contain',
  deadline: options.deadline ?? 5000,
});

/** Makes the token of a hook that tells its taps what happened. */
export function series<P>(name: string, options: HookOptions = {}): SeriesHook<P> {
  return token('series', name, options);
}

/** Makes the token of a hook whose taps may change a value. */
export function waterfall<V>(name: string, options: HookOptions = {}): WaterfallHook<V> {
  return token('waterfall', name, options);
}

/** Makes the token of a hook that asks for an answer. */
export function bail<P, R>(name: string, options: HookOptions = {}): BailHook<P, R> {
  return token('bail', name, options);
}

/** Taps a hook: for the `taps` of `definePlugin`. @param options `when` narrows `event:received` */
export function on<H extends Hook>(hook: H, fn: TapFunction<H>, options: { when?: EventFilter } = {}): Tap {
  return { hook, fn, ...(options.when === undefined ? {} : { when: options.when }) };
}

/** Fired when a command has ended, well or badly, before rig exits. */
export const commandFinished = series<{
  /** The words of the command, e.g. `['create', 'app']`. */
  path: readonly string[];
  /** The exit code that rig is about to end with. */
  exitCode: number;
  /** Milliseconds from the start of `run` to its end. */
  durationMs: number;
}>('command:finished');

/** An HTTP request to Max, before Authorization is set: taps may add headers. */
export const httpRequest = waterfall<{
  readonly method: string;
  /** Path and query, without the server. */
  readonly path: string;
  /** Header names in lower case. `authorization` is refused. */
  headers: Record<string, string>;
}>('http:request', { onFailure: 'abort' });

/** The state of the socket of this command has changed. */
export const socketState = series<{
  /** `connecting`, `open`, `reconnecting` or `closed`. */
  state: 'connecting' | 'open' | 'reconnecting' | 'closed';
  /** Why it is not open, for a person. */
  reason?: string;
}>('socket:state');

/** Channels that this command has joined have received something: a batch of one topic. */
export const eventReceived = series<{
  /** The topic of all of them. */
  topic: string;
  /** In order; `rig:gap` stands where a slow tap has missed some. */
  events: readonly ChannelEvent[];
}>('event:received');
