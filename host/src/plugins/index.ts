export { openPlugins, type Plugins, readManifest, readRegistry } from './registry.ts';
