import type { LogGap, LogLine } from './logs.ts';
import type { InstanceFailureCode } from './resources.ts';

/** One entry of a tree that is deployed; paths are relative, with `/`, in NFC as found on disk. */
export type TreeEntry =
  | {
      type: 'file';
      path: string;
      /** Permission bits; only whether it is executable is kept: 0o644 or 0o755. */
      mode: number;
      /** Bytes. */
      size: number;
      /** The content in order: a small file is one chunk, a large one may be many; an empty file has none. */
      chunks: Chunk[];
    }
  | { type: 'symlink'; path: string; target: string }
  /** An empty folder. */
  | { type: 'folder'; path: string };

/** A piece of content, named by its SHA-256 in lower case hex. */
export interface Chunk {
  /** SHA-256 of its bytes in lower case hex. */
  digest: string;
  /** Bytes. */
  size: number;
}

/** Body of `POST …/apps/:app/uploads`. */
export interface CreateUpload {
  /** The whole tree, sorted or not; no path twice. */
  entries: TreeEntry[];
}

/** Its answer: what to send, and to where. An upload lives for a day. */
export interface Upload {
  /** Stable, `upl_…`. */
  id: string;
  /** Digests that Max lacks, in the order of the tree. */
  missing: string[];
  /** Bytes of the missing chunks. */
  missingBytes: number;
}

/**
 * `POST …/apps/:app/uploads/:id/packs`, `content-type: application/vnd.max.pack`, optionally `content-encoding: gzip`:
 * chunks one after the other, each as 32 bytes of digest, 8 bytes of length (unsigned, big endian) and its bytes. Each is
 * verified on arrival and kept even if a later one fails or the connection is cut. The answer counts what is still missing.
 */
export const PACK_CONTENT_TYPE = 'application/vnd.max.pack';

/** Bytes before a chunk's content in a pack. */
export const PACK_HEADER_BYTES = 40;

/** Answer to a pack. */
export interface PackAnswer {
  /** Chunks of this pack that were kept. */
  received: number;
  /** Chunks of the upload that are still missing. */
  missing: number;
}

/** Body of `POST …/apps/:app/deployments` (with `Idempotency-Key`). */
export interface CreateDeployment {
  /** An upload of which nothing is missing. */
  upload: string;
  /** `false`: nothing is taken from the app's build cache, and it is made anew; `true` unless said. */
  cache?: boolean;
}

/** States of a deployment; the last three are final. */
export type DeploymentState = 'queued' | 'building' | 'releasing' | 'healthy' | 'failed' | 'cancelled';

/** The states in which a deployment has ended. */
export const FINAL_STATES: readonly DeploymentState[] = ['healthy', 'failed', 'cancelled'];

/** Why a deployment failed. */
export interface DeploymentFailure {
  /** Stable code; `docs/errors.md` has them all. */
  code:
    | 'RIG_BUILD_FAILED'
    | 'RIG_NO_BUILDER'
    | 'RIG_NOT_HEALTHY'
    | 'RIG_INSTANCE_CRASHED'
    | 'RIG_RELEASE_FAILED'
    | 'RIG_RELEASE_GONE'
    | 'RIG_DEPLOY_INTERRUPTED'
    | 'RIG_STORAGE_FULL'
    | 'RIG_INTERNAL';
  /** One sentence. */
  reason: string;
  /** What to do about it. */
  fix: string;
  /** The last lines of the build's or the app's log. */
  lines: string[];
  /** TCP ports that the process did open, where it is the wrong one. */
  openPorts: number[];
  /** What was wrong with the instance, where it is one that failed. */
  cause?: InstanceFailureCode;
}

/**
 * What a deployment is for: the code of an upload, the same code with another configuration, an earlier release; or what
 * serves now, started anew, with other numbers of instances, or again after a stop. The last two make no release.
 */
export type DeploymentKind = 'deploy' | 'config' | 'rollback' | 'restart' | 'scale' | 'start';

/** Instances of a process type at most. */
export const INSTANCES_MAX = 32;

/** Body of `POST …/scale`: one of the two. */
export interface Scale {
  /** How many of `web` are to run, 1 to {@link INSTANCES_MAX}. */
  instances?: number;
  /** How many are to run by process type: of `web` at least 1, of others 0 too. Types that are not named stay as they are. */
  formation?: Record<string, number>;
}

/** Answer of `POST …/stop`. */
export interface Stopped {
  /** Whether it was stopped before: nothing was done then. */
  already: boolean;
}

/** Answer of `POST …/start`. */
export interface Started {
  /** Whether it was not stopped: nothing is done then. */
  already: boolean;
  /** Starts the instances of the release that serves; `null` where it was not stopped. */
  deployment: Deployment | null;
}

/** Body of `POST …/rollback`. */
export interface Rollback {
  /** Version of the release to go back to; the one that served before unless said. */
  to?: number;
}

/** Answer of `GET …/rollback?to=`: what a rollback would change. */
export interface RollbackPlan {
  /** Version of the release that serves. */
  from: number;
  /** Version of the release whose code and configuration would serve anew. */
  to: number;
  /** SHA-256 of the tree of each. */
  code: { from: string; to: string };
  /** Whether the build of that code is no longer kept, and is made anew from its source first. */
  rebuild: boolean;
  /** Names of vars that would get another value, or go; what is staged goes too. */
  vars: { set: string[]; deleted: string[] };
  /** The same of secrets. */
  secrets: { set: string[]; deleted: string[] };
}

/** A deployment: a server-side object that goes on without the client. */
export interface Deployment {
  /** Stable, `dep_…`; its topic is `deployment:ID`. */
  id: string;
  /** Name of the app. */
  app: string;
  /** Name of its network. */
  network: string;
  /** What it is for. */
  kind: DeploymentKind;
  /** Where it stands; see {@link FINAL_STATES}. */
  state: DeploymentState;
  /** Rises by one with each change: the sequence number of its events. */
  seq: number;
  /** Its build, once there is one. */
  buildId: string | null;
  /** The release that it made, or whose instances it starts, once there is one. */
  release: number | null;
  /** Whether the app is stopped as of this state; one that ends `healthy` and stopped has started no instances. */
  stopped: boolean;
  /** Where the router serves the app. */
  url: string;
  /** Why it failed; `null` unless `state` is `failed`. */
  failure: DeploymentFailure | null;
  /** ISO 8601 in UTC. */
  createdAt: string;
  /** ISO 8601 in UTC; moves with `seq`. */
  updatedAt: string;
}

/**
 * Topic `deployment:ID`, join params `{after?: number}`, reply `{deployment}`: then an event `update` with `{deployment}` for
 * each change whose `seq` is above `after`. The state that it has at the join is in the reply.
 */
export interface DeploymentUpdate {
  /** The deployment as it is now. */
  deployment: Deployment;
}

/** A build. Its log is `logs:build:ID`. */
export interface Build {
  /** Stable, `bld_…`; part of the topic of its log. */
  id: string;
  /** The deployment that it belongs to. */
  deploymentId: string;
  /** Whether it runs, and how it ended. */
  state: 'running' | 'succeeded' | 'failed';
  /** What built it and why, e.g. `node: package.json`. */
  builder: string | null;
  /** ISO 8601 in UTC. */
  startedAt: string;
  /** ISO 8601 in UTC; `null` while it runs. */
  endedAt: string | null;
}

/**
 * Answer of `GET …/builds/:id/logs` and `GET …/apps/:app/logs`, oldest line first. The query is a `LogSelection` with `after`.
 */
export interface LogPage {
  /** The lines, oldest first. */
  lines: LogLine[];
  /** Sequence number of the last line there is. */
  last: number;
  /** Everything up to this sequence number was looked at; below `last` there may be more: ask with `after`. */
  through: number;
  /** Lines that were asked for and that retention has dropped. */
  gap?: LogGap['gap'];
  /** `until` as a time: for the next page. */
  until?: string;
}
