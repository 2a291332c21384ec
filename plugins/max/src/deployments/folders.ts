import { join } from 'node:path';
import type { StatePaths } from '../store/state-paths.ts';

/** A build's folder: its tree becomes the release's. */
export function buildFolder(paths: StatePaths, buildId: string): string {
  return join(paths.builds, buildId);
}

/** The tree that was built and that instances run in. */
export function codeFolder(paths: StatePaths, buildId: string): string {
  return join(buildFolder(paths, buildId), 'app');
}

/** Everything of an app but its log and its builds. */
export function appFolder(paths: StatePaths, appId: string): string {
  return join(paths.apps, appId);
}

/** The home that an app's instances share, across releases. */
export function homeFolder(paths: StatePaths, appId: string): string {
  return join(appFolder(paths, appId), 'home');
}

/** What the sessions of an app have of their own while they last. */
export function sessionsFolder(paths: StatePaths, appId: string): string {
  return join(appFolder(paths, appId), 'sessions');
}

/** Where an app's instances have their output and their temporary files. */
export function instancesFolder(paths: StatePaths, appId: string): string {
  return join(appFolder(paths, appId), 'instances');
}
