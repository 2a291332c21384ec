import { isRigError, type Services } from '@rig/plugin-api';
import type { DashboardSelection } from '../model/live-dashboard.ts';
import { LiveDashboard } from '../model/live-dashboard.ts';
import { paced } from '../pace.ts';
import { Access } from './access.ts';
import { readAssets } from './assets.ts';
import { Board } from './board.ts';
import { canOpenBrowser, openBrowser } from './open-browser.ts';
import { isForeign } from './peer-user.ts';
import { listenWeb } from './server.ts';
import { SharedApps } from './shared-apps.ts';
import { Tab } from './tab.ts';

/** Milliseconds for which changes are collected: an app that logs much is told of no more often than eyes can follow. */
const FRAME_MS = 100;

/** How the dashboard is served. */
export interface WebOptions {
  /** 0: any that is free. */
  port: number;
  /** Whether the user's browser may be opened. */
  browser: boolean;
  selection: DashboardSelection;
}

/** A link to the dashboard, good for one browser, once. */
export interface WebLink {
  url: string;
}

/**
 * Serves the dashboard to browsers on this machine until the command is interrupted; it reads from Max, and can change
 * nothing there.
 *
 * @param onLink told of the first link, and of the next one each time one was used
 * @throws RigError of signing in and of the port; the reason of the interruption
 */
export async function serveWeb(
  services: Services,
  options: WebOptions,
  onLink: (link: WebLink, isFirst: boolean) => void | Promise<void>,
): Promise<never> {
  const { signal, output, runtime } = services;
  const assets = readAssets(new URL('./web/', import.meta.url));
  const model = await LiveDashboard.start(services, options.selection);
  const board = new Board(model);
  const apps = new SharedApps(model);
  const tabs = new Set<Tab>();
  const urlOf = (port: number): string => `http://127.0.0.1:${port}/#token=${access.token}`;
  const access = new Access(() => void onLink({ url: urlOf(server.port) }, false));
  const server = await listenWeb({
    port: options.port,
    access,
    assets,
    isForeign,
    onTab(socket) {
      const tab = new Tab({ socket, model, board, apps, version: runtime.version });
      tabs.add(tab);
      socket.on('close', () => tabs.delete(tab));
    },
  });
  services.defer(() => server.close());
  const tell = paced(FRAME_MS, () => {
    board.update();
    for (const tab of tabs) tab.update();
  });
  const stopListening = model.onChange(tell);
  const first = { url: urlOf(server.port) };
  await onLink(first, true);
  if (options.browser && canOpenBrowser(runtime.env) && !(await openBrowser(first.url, runtime.env)))
    output.note('No browser could be opened: open the link in one yourself');
  try {
    await Promise.race([model.ended, interrupted(signal)]);
    throw signal.reason;
  } catch (error) {
    for (const tab of tabs) tab.end(signal.aborted ? null : whyOf(error));
    throw error;
  } finally {
    stopListening();
    tell.stop();
    model.stop();
  }
}

/** What a person reads of an error, and what mends it. */
function whyOf(error: unknown): string {
  const { message } = error as Error;
  return isRigError(error) && error.hint ? `${message}; ${error.hint}` : message;
}

const interrupted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
