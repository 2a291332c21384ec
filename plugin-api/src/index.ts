export { type CommandClass, Option, RigCommand, type RigCommandClass, type RigContext } from './command.ts';
export { formatDuration, parseDuration } from './durations.ts';
export { isPassing, isRigError, RigError, type RigErrorInit } from './errors.ts';
export { ExitCode } from './exit-code.ts';
export { shouldFollow } from './follow.ts';
export { formatBytes, parseBytes } from './format.ts';
export {
  type BailHook,
  bail,
  commandFinished,
  type EventFilter,
  eventReceived,
  type Hook,
  type HookOptions,
  httpRequest,
  type OnFailure,
  on,
  type SeriesHook,
  series,
  socketState,
  type Tap,
  type TapContext,
  type TapFunction,
  type WaterfallHook,
  waterfall,
} from './hooks.ts';
export { parseLimit } from './limit.ts';
export { isTooSlow, LiveTopic, type LiveTopicOptions, type News, type Waits } from './live-topic.ts';
export {
  MANIFEST_FILE,
  type Manifest,
  type ManifestArgument,
  type ManifestCommand,
  type ManifestOption,
  parseManifest,
} from './manifest.ts';
export {
  API_VERSION,
  definePlugin,
  PERMISSIONS,
  type Permission,
  type PluginDefinition,
  type SettingDefinition,
} from './plugin.ts';
export { PollingNotes } from './polling-notes.ts';
export {
  type Block,
  type Cell,
  type Column,
  drawn,
  isOutcome,
  type ListResult,
  list,
  type Outcome,
  type RawResult,
  type Result,
  raw,
  type StreamResult,
  stream,
  type ValueResult,
  value,
  withExitCode,
} from './result.ts';
export { type HostRuntime, RUNTIME_KEY } from './runtime.ts';
export { sanitise, sanitiseLine, sanitiseLines } from './sanitise.ts';
export type * from './services.ts';
export * from './socket.ts';
export { graphemes, pad, textWidth, truncate } from './text-width.ts';
