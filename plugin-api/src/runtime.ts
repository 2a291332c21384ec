import type * as clipanion from 'clipanion';
import type * as typanion from 'typanion';
import type { RigCommandClass } from './command.ts';

/**
 * What the running host lends to every copy of this package.
 *
 * The host puts it at `globalThis[Symbol.for('rig.plugin-api.1')]` before it loads a plugin. The number is the API's
 * major version: a plugin built against another major finds nothing there and is refused by its manifest first.
 */
export interface HostRuntime {
  /** clipanion's `Command`. */
  readonly Command: typeof clipanion.Command;
  /** clipanion's `Option`. */
  readonly Option: typeof clipanion.Option;
  /** The base of every command. */
  readonly RigCommand: RigCommandClass;
  /** typanion. */
  readonly schema: typeof typanion;
}

/** Where a host of this API's major version leaves its runtime. */
export const RUNTIME_KEY: unique symbol = Symbol.for('rig.plugin-api.1') as never;

const OUTSIDE = 'run inside rig: this part of @rig/plugin-api comes from the running host, and there is none here';

/**
 * Takes one part of the running host, or a stand-in that throws on its first use.
 *
 * Importing must stay harmless outside a host, so that a plugin's own logic can be tested without one.
 */
export function fromHost<K extends keyof HostRuntime>(part: K): HostRuntime[K] {
  const runtime = (globalThis as { [RUNTIME_KEY]?: HostRuntime })[RUNTIME_KEY];
  if (runtime) return runtime[part];
  const refuse = (): never => {
    throw new Error(OUTSIDE);
  };
  return new Proxy(function outside() {}, { get: refuse, construct: refuse, apply: refuse }) as never;
}
