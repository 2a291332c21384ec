import { basename, relative, sep } from 'node:path';
import { ExitCode, type Origin, RigError, type Target } from '@rig/plugin-api';
import type { Layer } from './layers.ts';
import type { Candidate, Named } from './names.ts';
import { CONTEXTS, isContextName, type SettingValue } from './settings.ts';

/** How near each layer stands; the network of a context comes after the project file. */
const RANK: Record<Origin, number> = { flag: 0, environment: 1, project: 2, user: 4, system: 5, default: 6 };
const CONTEXT_RANK = 3;

/** What choosing a target needs of the configuration. */
export interface TargetSources {
  layers: readonly Layer[];
  get(key: string): SettingValue | undefined;
  find(key: string): { layer: Layer; rank: number; source: string } | undefined;
  home: string;
}

/** Makes what chooses server, app and network from the layers. */
export function createTargets({ layers, get, find, home }: TargetSources): {
  target(): Target;
  /** `argument`: how the argument is called that gives `app`; else `--app` does. */
  named(app?: string, network?: string, argument?: string): Named;
} {
  const short = (layer: Layer, source: string): string => {
    if (!layer.file) return source;
    if (layer.origin === 'project') return basename(layer.file);
    const below = relative(home, layer.file);
    return below.startsWith('..') ? layer.file : `~${sep}${below}`;
  };

  /** The context that is chosen, unless a server is said as near or nearer. */
  const chosen = (): { name: string; origin: string } | undefined => {
    const context = find('context');
    const server = find('server');
    if (!context || (server && server.rank <= context.rank)) return undefined;
    return { name: get('context') as string, origin: short(context.layer, context.source) };
  };

  const target = (): Target => {
    const context = chosen();
    if (!context) {
      const server = get('server') as string | undefined;
      if (server !== undefined) return { context: undefined, server };
      throw new RigError({
        code: 'RIG_NO_CONTEXT',
        message: 'no server is chosen',
        hint: 'start one on this machine: rig max up; or sign in to one: rig login --server URL --token-stdin',
        exitCode: ExitCode.Denied,
      });
    }
    const server = isContextName(context.name)
      ? (get(`${CONTEXTS}.${context.name}.server`) as string | undefined)
      : undefined;
    if (server !== undefined) return { context: context.name, server };
    const known = contextNames(layers);
    throw new RigError({
      code: 'RIG_CONTEXT_NOT_FOUND',
      message: `there is no context ${JSON.stringify(context.name)} (${context.origin})`,
      hint: `${known.length > 0 ? `there ${known.length === 1 ? 'is' : 'are'}: ${known.join(', ')}` : 'there is none yet'}; to make one: rig config set contexts.${isContextName(context.name) ? context.name : 'NAME'}.server URL`,
      exitCode: ExitCode.NotFound,
      details: { contexts: known },
    });
  };

  const candidates = (key: 'app' | 'network', option: string | undefined, origin = `--${key}`): Candidate[] => {
    const given: Candidate[] = option === undefined ? [] : [{ name: option, rank: RANK.flag, origin }];
    const found = find(key);
    return found
      ? [...given, { name: String(get(key)), rank: RANK[found.layer.origin], origin: short(found.layer, found.source) }]
      : given;
  };

  const ofContext = (): Candidate[] => {
    const context = chosen();
    if (!context || !isContextName(context.name)) return [];
    const network = get(`${CONTEXTS}.${context.name}.network`) as string | undefined;
    return network === undefined ? [] : [{ name: network, rank: CONTEXT_RANK, origin: `context ${context.name}` }];
  };

  return {
    target,
    named: (app, network, argument) => ({
      apps: candidates('app', app, argument),
      networks: [...candidates('network', network), ...ofContext()],
    }),
  };
}

/** The names of all contexts, sorted. */
export function contextNames(layers: readonly Layer[]): string[] {
  const keys = layers.flatMap(({ values }) => [...values.keys()]);
  return [...new Set(keys.flatMap((key) => /^contexts\.(.+)\.server$/.exec(key)?.[1] ?? []))].sort();
}
