import { fromHost } from './runtime.ts';

/** typanion, of the running host: for config, manifests and option values. Never import it on the help path. */
export const t = fromHost('schema');
