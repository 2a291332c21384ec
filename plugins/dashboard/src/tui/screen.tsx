import { useLayoutEffect, useSyncExternalStore } from 'react';
import type { LiveDashboard } from '../model/live-dashboard.ts';
import { appLines } from './app-view.ts';
import type { Controller } from './controller.ts';
import { helpLines, LEAST, tooSmallLines } from './help-view.ts';
import { listLines } from './list-view.ts';
import type { Theme } from './theme.ts';

/** What the screen shows and obeys. */
export interface ScreenProps {
  dashboard: LiveDashboard;
  controller: Controller;
  theme: Theme;
  size: () => { columns: number; rows: number };
  hasShell: () => boolean;
  /** Puts a picture on the terminal, a line each. */
  draw: (lines: readonly string[]) => void;
}

/**
 * The whole screen. It hands its lines to the painter rather than to ink, whose grid makes an object of each cell at each
 * frame: for the garbage of that alone V8 grows by a third.
 */
export function Screen(props: ScreenProps): React.ReactNode {
  const { controller, size, draw } = props;
  useSyncExternalStore(controller.subscribe, () => controller.version);
  useLayoutEffect(() => draw(linesOf(props, size())));
  return null;
}

function linesOf(props: ScreenProps, size: { columns: number; rows: number }): string[] {
  const { dashboard, controller, theme, hasShell } = props;
  if (size.columns < LEAST.columns || size.rows < LEAST.rows) return tooSmallLines(size, theme);
  if (controller.view === 'help') return helpLines(size, theme);
  const snapshot = dashboard.snapshot();
  const { opened, span } = controller;
  if (controller.view === 'list' || opened === undefined)
    return listLines({
      ...{ snapshot, state: controller.list, size, theme, hasShell: hasShell() },
      requestsOf: (id, seconds) => dashboard.figure(id, 'requests', seconds),
    });
  const { status, instances, lines, trouble } = opened;
  const figures = opened.figures(span, dashboard.second);
  return appLines({
    ...{ snapshot, app: controller.app, name: `${opened.app.app}.${opened.app.network}`, hasShell: hasShell() },
    ...{ status, instances, lines, trouble, span, figures, size, theme },
  });
}
