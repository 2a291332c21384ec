import { authenticates } from './authenticates.ts';
import type { Line } from './line.ts';
import { pluginCommand } from './plugin-command.ts';
import { settingsLayers } from './settings-layers.ts';

/** Every line that is handed over so far: one that is not here is not handed over. */
export const LINES: readonly Line[] = [authenticates, pluginCommand, settingsLayers];
