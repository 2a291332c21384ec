import { type Config, ExitCode, type Hook, type Permission, RigError, type Services } from '@rig/plugin-api';
import type { Io } from './io.ts';

/** The services of the host's own commands. */
export interface HostServices extends Services {
  readonly io: Io;
}

/** What the permissions of a plugin open; the host's own commands have them all. */
export const ALL_PERMISSIONS: readonly Permission[] = ['http', 'socket', 'auth:token', 'config:write', 'exec'];

function refuse(plugin: string, permission: Permission): RigError {
  return new RigError({
    code: 'RIG_PERMISSION',
    message: `the plugin "${plugin}" uses "${permission}" without declaring it`,
    hint: `its author adds to definePlugin: permissions: ['${permission}'], and writes the manifest anew`,
    exitCode: ExitCode.Plugin,
  });
}

/** Gives a plugin the services of its permissions; an undeclared one throws `RIG_PERMISSION`. */
export function scope(services: Services, plugin: string, permissions: readonly Permission[]): Services {
  const allowed = new Set(permissions);
  const need = (permission: Permission): void => {
    if (!allowed.has(permission)) throw refuse(plugin, permission);
  };
  return {
    ...services,
    runtime: allowed.has('auth:token') ? services.runtime : withoutSecrets(services.runtime),
    http: async () => {
      need('http');
      return services.http();
    },
    socket: async () => {
      need('socket');
      return services.socket();
    },
    auth: async () => {
      const auth = await services.auth();
      if (allowed.has('auth:token')) return auth;
      return {
        identity: () => auth.identity(),
        token: async () => {
          throw refuse(plugin, 'auth:token');
        },
      };
    },
    config: async () => {
      const config = await services.config();
      return allowed.has('config:write') ? config : readOnly(config, plugin);
    },
    fire: (hook: Hook, payload: unknown) => services.fire(hook as never, payload as never) as never,
  };
}

/** A view of the settings through which nothing can be written. The prototype keeps its getters alive. */
function readOnly(config: Config, plugin: string): Config {
  const denied = async (): Promise<never> => {
    throw refuse(plugin, 'config:write');
  };
  return Object.create(config, {
    at: { value: async (dir: string) => readOnly(await config.at(dir), plugin) },
    set: { value: denied },
    setMany: { value: denied },
    unset: { value: denied },
    writeProject: { value: denied },
  }) as Config;
}

/** What rig says of its process, without the variables that sign in. */
function withoutSecrets(runtime: Services['runtime']): Services['runtime'] {
  const { RIG_TOKEN: _token, RIG_PASSPHRASE: _passphrase, ...env } = runtime.env;
  // A view, not a copy: copying would ask for the folder, which may be gone.
  return Object.create(runtime, { env: { value: env, enumerable: true } }) as Services['runtime'];
}
