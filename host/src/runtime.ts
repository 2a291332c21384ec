import { type HostRuntime, type RigContext, RUNTIME_KEY } from '@rig/plugin-api';
import { Command, Option } from 'clipanion';
import * as typanion from 'typanion';

/** What `RigCommand` of plugin-api is at run time: a clipanion command that hands itself to the host. */
abstract class RigCommand extends Command<RigContext> {
  execute(): Promise<number> {
    return this.context.execute(this as never);
  }
}

/** Lends clipanion and typanion of this host to every copy of plugin-api; must run before a plugin is loaded. */
export function installRuntime(): void {
  const runtime: HostRuntime = { Command, Option, RigCommand: RigCommand as never, schema: typanion };
  (globalThis as { [RUNTIME_KEY]?: HostRuntime })[RUNTIME_KEY] ??= runtime;
}
