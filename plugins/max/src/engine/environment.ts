import { homedir, userInfo } from 'node:os';
import { delimiter, dirname } from 'node:path';

/** What every program that Max starts gets of the system; nothing else of Max's own environment is passed on. */
export function baseEnvironment(options: {
  home: string;
  tmp: string;
  path?: readonly string[];
}): Record<string, string> {
  const own = process.env;
  const path = [...(options.path ?? []), own.PATH ?? '/usr/local/bin:/usr/bin:/bin', dirname(process.execPath)];
  const env: Record<string, string> = {
    PATH: path.join(delimiter),
    HOME: options.home,
    TMPDIR: options.tmp,
    LANG: own.LANG ?? 'C.UTF-8',
    SHELL: '/bin/sh',
  };
  if (own.LC_ALL !== undefined) env.LC_ALL = own.LC_ALL;
  if (own.TZ !== undefined) env.TZ = own.TZ;
  const name = userName();
  if (name !== undefined) {
    env.USER = name;
    env.LOGNAME = name;
  }
  return env;
}

/** What a build needs of the person's setting to reach a package registry: proxies, CA files, npm's and pip's own settings. */
const BUILD_VARIABLES =
  /^(?:(?:https?|all|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|npm_config_(?:registry|cache|userconfig|globalconfig|prefix|cafile|proxy|https_proxy|noproxy|strict_ssl|offline|prefer_offline)|PIP_(?:INDEX_URL|EXTRA_INDEX_URL|NO_INDEX|FIND_LINKS|TRUSTED_HOST|CERT|PROXY|CACHE_DIR|CONFIG_FILE))$/i;

/** The environment of a build's steps: the user's home for the caches and settings of npm and pip, and no secret of an app. */
export function buildEnvironment(options: { tmp: string }): Record<string, string> {
  const env = baseEnvironment({ home: homedir(), tmp: options.tmp });
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && BUILD_VARIABLES.test(name)) env[name] = value;
  }
  return { ...env, CI: 'true', NO_COLOR: '1', npm_config_update_notifier: 'false' };
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry, as containers have them.
    return undefined;
  }
}
