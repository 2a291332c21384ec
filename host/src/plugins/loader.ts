import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { ExitCode, isRigError, type PluginDefinition, RigError } from '@rig/plugin-api';
import type { IndexedPlugin } from './index-file.ts';

const TOP_LEVEL_AWAIT_MS = 5000;

const failed = (name: string, plugin: IndexedPlugin, why: string, cause: unknown): RigError =>
  new RigError({
    code: 'RIG_PLUGIN_FAILED',
    message: `the plugin "${name}" cannot be loaded: ${why}`,
    hint: plugin.source
      ? `mend it in ${plugin.source.dir}, or remove it with: rig plugins unlink ${name}`
      : 'install rig again; its own files are damaged',
    exitCode: ExitCode.Plugin,
    cause,
  });

const notBuilt = (name: string, plugin: IndexedPlugin, dir: string, cause: unknown): RigError =>
  new RigError({
    code: 'RIG_PLUGIN_FAILED',
    message: `the plugin "${name}" cannot be loaded: there is no ${plugin.entry}`,
    hint: `build it in ${dir}, or remove it with: rig plugins unlink ${name}`,
    exitCode: ExitCode.Plugin,
    cause,
  });

/** A promise that loses against a clock: a module whose top-level await never settles must not hang rig. */
async function within<T>(promise: Promise<T>, ms: number, why: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(why)), ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Loads plugins once each; `base` is a file of the host, from which first-party packages resolve.
 *
 * `anyName` is for a plugin whose manifest is only being written: else it must call itself what its manifest says.
 */
export function createLoader(
  base: string,
  { anyName = false } = {},
): (name: string, plugin: IndexedPlugin) => Promise<PluginDefinition> {
  const require = createRequire(base);
  const loaded = new Map<string, Promise<PluginDefinition>>();

  const loadModule = async (entry: string): Promise<{ default?: unknown }> => {
    try {
      // require() of an ES module is twice as fast as import() on the start-up path.
      return require(entry) as { default?: unknown };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
      const url = pathToFileURL(require.resolve(entry)).href;
      return within(
        import(url),
        TOP_LEVEL_AWAIT_MS,
        `its top-level await did not settle within ${TOP_LEVEL_AWAIT_MS / 1000} s`,
      );
    }
  };

  const load = async (name: string, plugin: IndexedPlugin): Promise<PluginDefinition> => {
    if (plugin.failed) throw new RigError({ ...plugin.failed, exitCode: ExitCode.Plugin });
    let module: { default?: unknown };
    try {
      module = await loadModule(plugin.entry);
    } catch (error) {
      if (isRigError(error)) throw error;
      const { code } = error as NodeJS.ErrnoException;
      if (!plugin.source && code === 'MODULE_NOT_FOUND' && String(error).includes(plugin.entry))
        throw new RigError({
          code: 'RIG_PLUGIN_NOT_INSTALLED',
          message: `the plugin "${name}" is not installed beside this rig`,
          hint: `add it with: npm install -g ${plugin.entry}`,
          exitCode: ExitCode.Plugin,
          cause: error,
        });
      if (plugin.source && !existsSync(plugin.entry)) throw notBuilt(name, plugin, plugin.source.dir, error);
      throw failed(name, plugin, error instanceof Error ? `${error.name}: ${error.message}` : String(error), error);
    }
    const definition = module.default as PluginDefinition | undefined;
    if (typeof definition !== 'object' || definition === null || typeof definition.name !== 'string')
      throw failed(name, plugin, 'its default export is not what definePlugin() returns', undefined);
    if (!anyName && definition.name !== name)
      throw failed(name, plugin, `it calls itself ${JSON.stringify(definition.name)}`, undefined);
    return definition;
  };

  return (name, plugin) => {
    let promise = loaded.get(name);
    if (!promise) {
      promise = load(name, plugin);
      loaded.set(name, promise);
    }
    return promise;
  };
}
