import { Box, Text, useInput } from 'ink';
import { memo, useSyncExternalStore } from 'react';
import type { LiveDashboard } from '../model/live-dashboard.ts';
import { appLines } from './app-view.ts';
import type { Controller } from './controller.ts';
import { helpLines, LEAST, tooSmallLines } from './help-view.ts';
import { type InkKey, pressed } from './keys.ts';
import { listLines } from './list-view.ts';
import type { Theme } from './theme.ts';

/** What the screen shows and obeys. */
export interface ScreenProps {
  dashboard: LiveDashboard;
  controller: Controller;
  theme: Theme;
  size: () => { columns: number; rows: number };
  hasShell: () => boolean;
}

/** One line of the terminal; one that has not changed is not looked at again. */
const Line = memo(({ text }: { text: string }) => <Text wrap="truncate">{text === '' ? ' ' : text}</Text>);

/** The whole screen. */
export function Screen(props: ScreenProps): React.ReactNode {
  const { controller, size } = props;
  useSyncExternalStore(controller.subscribe, () => controller.version);
  useInput((input, key) => {
    for (const one of pressed(input, key as InkKey)) controller.press(one);
  });
  const { columns, rows } = size();
  const lines = linesOf(props, { columns, rows });
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      {lines.map((text, row) => (
        // A line is known by its place on the screen.
        <Line key={row} text={text} />
      ))}
    </Box>
  );
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
  const { values } = opened.figures(span, dashboard.second);
  return appLines({
    ...{ snapshot, app: controller.app, name: `${opened.app.app}.${opened.app.network}`, hasShell: hasShell() },
    ...{ status, instances, lines, trouble, span, figures: values, size, theme },
  });
}
