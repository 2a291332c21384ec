import type { Core } from './core.ts';
import { placeOf } from './events.ts';
import type { AppRecord } from './store/apps.ts';
import type { Database } from './store/database.ts';

/**
 * Stops an app and removes its data. From the first moment on nobody finds it; should it fail, the app is there again and can
 * be deleted anew. {@link forgetApp} must follow.
 */
export async function clearApp(core: Core, app: AppRecord): Promise<void> {
  core.apps.beginRemoval(app.id);
  try {
    await core.sessions.endOf({ appId: app.id });
    await core.runtime.removeApp(app);
  } catch (error) {
    core.apps.cancelRemoval(app.id);
    throw error;
  }
}

/** Removes what the database has of an app that was cleared, and tells its followers; in the caller's transaction. */
export function forgetApp(core: Core, app: AppRecord): void {
  core.apps.remove(app.id);
  core.events.append({ type: 'app.deleted', ...placeOf(app), text: `app ${app.name}.${app.network} was deleted` });
}

/** Removes to the end what an earlier Max had begun to remove when it was killed. */
export async function finishRemovals(core: Core & { database: Database; log(text: string): void }): Promise<void> {
  const { apps, database, log } = core;
  for (const app of apps.beingRemoved()) {
    const name = `${app.name}.${app.network}`;
    try {
      await clearApp(core, app);
      database.transaction(() => forgetApp(core, app));
      log(`${name} is removed now: an earlier Max was killed amid that`);
    } catch (error) {
      log(`${name} could not be removed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
