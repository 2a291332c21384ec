import type { Deployment } from './deploy.ts';

/** What the name of a var or a secret must look like. */
export const KEY_PATTERN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Bytes of a name at most. */
export const KEY_MAX_BYTES = 255;

/** Bytes of a value at most, in UTF-8. */
export const VALUE_MAX_BYTES = 64 * 1024;

/** Bytes of all names and values of an app at most: more than that no process can be started with. */
export const CONFIG_MAX_BYTES = 1536 * 1024;

/** Tells whether Max itself sets a variable of this name for every instance. */
export function isReservedKey(key: string): boolean {
  return key === 'PORT' || key.startsWith('MAX_');
}

/** A var of an app, as `GET …/vars` lists it. */
export interface Var {
  /** See {@link KEY_PATTERN}. */
  name: string;
  /** Its value, readable for whoever may read the app. */
  value: string;
  /** ISO 8601 in UTC. */
  updatedAt: string;
  /** Whether the release that serves does not have it yet. */
  staged: boolean;
}

/** A secret of an app, as `GET …/secrets` lists it: never its value. */
export interface Secret {
  /** See {@link KEY_PATTERN}. */
  name: string;
  /** Keyed (HMAC-SHA-256 under Max's own key): tells that a value has changed, and cannot be guessed back. */
  digest: string;
  /** ISO 8601 in UTC. */
  updatedAt: string;
  /** Whether the release that serves does not have it yet. */
  staged: boolean;
}

/** Body of `POST …/vars` and `POST …/secrets`: all of it is kept, in one release, or nothing. */
export interface SetConfig {
  /** Values by name; those of other names stay as they are. */
  values: Record<string, string>;
  /** Keep it for the next deploy rather than make a release now. */
  stage?: boolean;
}

/** Body of `POST …/vars/delete` and `POST …/secrets/delete`. */
export interface DeleteConfig {
  /** Names, each of which must be there. */
  names: string[];
  /** Keep it for the next deploy rather than make a release now. */
  stage?: boolean;
}

/** Answer to a change of vars or secrets. */
export interface ConfigChange {
  /** Names that are new or have another value now. */
  set: string[];
  /** Names that had this value already. */
  unchanged: string[];
  /** Names that are gone. */
  deleted: string[];
  /** Version of the app's vars, or of its secrets, after the change. */
  version: number;
  /** Makes the release with it; `null` where there is none to make: nothing is deployed yet, or it waits for a deploy. */
  deployment: Deployment | null;
}
