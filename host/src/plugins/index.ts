export { openPlugins, type UserPlugins } from './user-plugins.ts';
export { writeManifest } from './write-manifest.ts';
