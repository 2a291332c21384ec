import { APP_LIMITS, PROBLEM_CODES, SCOPES } from '@rig/plugin-api/max';
import { metricsSchemas } from './metrics-schemas.ts';
import {
  digest,
  flag,
  instanceStates,
  list,
  name,
  number,
  object,
  of,
  oneOf,
  orNull,
  page,
  type Schema,
  states,
  text,
  time,
} from './schema-parts.ts';
import { sessionSchemas } from './session-schemas.ts';

/** The same properties, none of them required. */
function optional(properties: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(properties).map(([key, schema]) => [`${key}?`, schema]));
}

const within = ({ least, most }: { least: number; most: number }): Schema => {
  return { type: 'integer', minimum: least, maximum: most };
};
const logSettings = {
  maxBytes: orNull(within(APP_LIMITS.logs.maxBytes)),
  maxAgeDays: orNull({ type: 'number', minimum: 0, maximum: APP_LIMITS.logs.maxAgeDays.most }),
};
const runSettings = {
  healthcheck: orNull(text),
  healthTimeoutSeconds: orNull(within(APP_LIMITS.healthTimeoutSeconds)),
  drainTimeoutSeconds: orNull(within(APP_LIMITS.drainTimeoutSeconds)),
  stopTimeoutSeconds: orNull(within(APP_LIMITS.stopTimeoutSeconds)),
};

const token = {
  id: text,
  name: text,
  scopes: list(oneOf(...SCOPES)),
  createdAt: time,
  expiresAt: orNull(time),
  lastUsedAt: orNull(time),
};
const events = list(object({ at: time, type: text, text }));

const formation: Schema = { type: 'object', additionalProperties: number };

const failure = object({
  code: text,
  reason: text,
  fix: text,
  lines: list(text),
  openPorts: list(number),
  'cause?': text,
});

const instanceFailure = object({ code: text, reason: text, since: time, retryAt: orNull(time) });

/** The schemas of everything that is sent and answered, by the names of `@rig/plugin-api/max`. */
export const schemas: Readonly<Record<string, Schema>> = {
  Health: object({ status: oneOf('ok'), version: text }),
  OpenApi: { type: 'object' },
  Problem: object({
    type: text,
    status: number,
    title: text,
    detail: text,
    code: oneOf(...PROBLEM_CODES),
    requestId: text,
    'fix?': text,
  }),
  TokenRequest: object({
    grant_type: text,
    'subject_token?': text,
    'subject_token_type?': text,
    'refresh_token?': text,
    'scope?': text,
  }),
  RevokeRequest: object({ token: text }),
  TokenAnswer: object({
    access_token: text,
    token_type: oneOf('Bearer'),
    expires_in: number,
    refresh_token: text,
    refresh_expires_in: number,
    scope: text,
    issued_token_type: text,
  }),
  OAuthError: object({ error: text, error_description: text }),
  WhoAmI: object({
    user: object({ id: text, name: text }),
    scopes: list(oneOf(...SCOPES)),
    token: object({ kind: oneOf('api', 'access'), expiresAt: orNull(time) }),
  }),
  ApiToken: object(token),
  ApiTokenPage: page('ApiToken'),
  ApiTokenWithValue: object({ ...token, token: text }),
  CreateApiToken: object({ name: text, scopes: list(oneOf(...SCOPES)), 'expiresAt?': orNull(time) }),
  CreateNetwork: object({ 'name?': name }),
  Network: object({ id: text, name, hostname: text, apps: number, createdAt: time }),
  NetworkPage: page('Network'),
  ResourceEvent: object({
    seq: number,
    at: time,
    type: text,
    network: orNull(text),
    app: orNull(text),
    text,
    'code?': text,
  }),
  EventPage: object({
    events: list(of('ResourceEvent')),
    last: number,
    through: number,
    'gap?': object({ from: number, to: number }),
  }),
  NetworkStatus: object({
    network: of('Network'),
    apps: list(of('App')),
    'metrics?': { type: 'object', additionalProperties: of('RecentMetrics') },
    events,
  }),
  NetworkDetails: object({ network: of('Network'), owner: text, apps: list(text) }),
  UpdateNetwork: object({ 'name?': name }),
  CreateApp: object({ name }),
  AppSettings: object({ ...runSettings, logs: object(logSettings) }),
  UpdateApp: object({
    'name?': name,
    ...optional(runSettings),
    'logs?': orNull(object(optional(logSettings))),
  }),
  App: object({
    id: text,
    name,
    network: name,
    hostname: text,
    url: text,
    state: states,
    release: orNull(number),
    settings: of('AppSettings'),
    createdAt: time,
    updatedAt: time,
  }),
  AppPage: page('App'),
  Instance: object({
    name: text,
    process: text,
    state: instanceStates,
    release: number,
    pid: orNull(number),
    port: orNull(number),
    startedAt: orNull(time),
    restarts: number,
    lastExit: orNull(text),
    failure: orNull(instanceFailure),
  }),
  AppStatus: object({
    app: of('App'),
    instances: list(of('Instance')),
    formation,
    deployment: orNull(object({ id: text, state: text, at: time, reason: orNull(text) })),
    events,
    'metrics?': orNull(of('RecentMetrics')),
  }),
  AppDetails: object({
    app: of('App'),
    source: orNull(object({ files: number, bytes: number, digest: text })),
    builder: orNull(text),
    processes: { type: 'object', additionalProperties: text },
    healthcheck: orNull(text),
    instances: number,
    formation,
    logs: object({
      keptBytes: number,
      maxBytes: number,
      maxAgeDays: { type: 'number' },
      first: orNull(object({ seq: number, at: time })),
      last: orNull(object({ seq: number, at: time })),
    }),
    buildCache: object({ bytes: number, maxBytes: number }),
  }),
  Var: object({ name: text, value: text, updatedAt: time, staged: flag }),
  VarPage: page('Var'),
  Secret: object({ name: text, digest: text, updatedAt: time, staged: flag }),
  SecretPage: page('Secret'),
  SetConfig: object({ values: { type: 'object', additionalProperties: text }, 'stage?': flag }),
  DeleteConfig: object({ names: list(text), 'stage?': flag }),
  ConfigChange: object({
    set: list(text),
    unchanged: list(text),
    deleted: list(text),
    version: number,
    deployment: orNull(of('Deployment')),
  }),
  Scale: object({ 'instances?': number, 'formation?': formation }),
  Stopped: object({ already: flag }),
  Started: object({ already: flag, deployment: orNull(of('Deployment')) }),
  Rollback: object({ 'to?': number }),
  RollbackPlan: object({
    from: number,
    to: number,
    code: object({ from: text, to: text }),
    rebuild: flag,
    vars: object({ set: list(text), deleted: list(text) }),
    secrets: object({ set: list(text), deleted: list(text) }),
  }),
  Chunk: object({ digest, size: number }),
  TreeEntry: {
    oneOf: [
      object({ type: oneOf('file'), path: text, mode: number, size: number, chunks: list(of('Chunk')) }),
      object({ type: oneOf('symlink'), path: text, target: text }),
      object({ type: oneOf('folder'), path: text }),
    ],
  },
  CreateUpload: object({ entries: list(of('TreeEntry')) }),
  Upload: object({ id: text, missing: list(digest), missingBytes: number }),
  Pack: {
    type: 'string',
    format: 'binary',
    description: 'Chunks one after the other: 32 bytes of digest, 8 bytes of length (unsigned, big endian), the bytes.',
  },
  PackAnswer: object({ received: number, missing: number }),
  CreateDeployment: object({ upload: text, 'cache?': flag }),
  Deployment: object({
    id: text,
    app: text,
    network: text,
    kind: oneOf('deploy', 'config', 'rollback', 'restart', 'scale', 'start'),
    state: oneOf('queued', 'building', 'releasing', 'healthy', 'failed', 'cancelled'),
    seq: number,
    buildId: orNull(text),
    release: orNull(number),
    stopped: flag,
    url: text,
    failure: orNull(failure),
    createdAt: time,
    updatedAt: time,
  }),
  DeploymentPage: page('Deployment'),
  Build: object({
    id: text,
    deploymentId: text,
    state: oneOf('running', 'succeeded', 'failed'),
    builder: orNull(text),
    startedAt: time,
    endedAt: orNull(time),
  }),
  BuildPage: page('Build'),
  Release: object({
    id: text,
    version: number,
    deploymentId: text,
    buildId: orNull(text),
    code: object({ digest: text, files: number, bytes: number }),
    vars: number,
    secrets: number,
    createdAt: time,
    current: flag,
  }),
  ReleasePage: page('Release'),
  LogLine: object({ seq: number, at: time, instance: text, stream: oneOf('stdout', 'stderr', 'system'), text }),
  SshHostKey: object({ publicKey: text, fingerprint: text }),
  LogPage: object({
    lines: list(of('LogLine')),
    last: number,
    through: number,
    'gap?': object({ from: number, to: number }),
    'until?': time,
  }),
  ...metricsSchemas,
  ...sessionSchemas,
};
