import type { Column } from '@rig/plugin-api';

/** A plugin as `rig plugins list` shows it. */
export interface PluginRow {
  name: string;
  version: string;
  /** `first-party`, or the linked folder. */
  source: string;
  /** `ok`, or why it cannot be used. */
  state: string;
  commands: string[];
}

/** The table of plugins. */
export const pluginColumns: ReadonlyArray<Column<PluginRow>> = [
  { header: 'NAME', value: (row) => row.name },
  { header: 'VERSION', value: (row) => row.version },
  { header: 'COMMANDS', value: (row) => row.commands.length, align: 'right' },
  { header: 'STATE', value: (row) => row.state },
  { header: 'SOURCE', value: (row) => row.source },
];
