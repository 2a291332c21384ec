import { authenticates } from './authenticates.ts';
import { clearErrors } from './clear-errors.ts';
import { createsValidate } from './creates-validate.ts';
import { dashboardShows } from './dashboard-shows.ts';
import { deadSocket } from './dead-socket.ts';
import { deployResumes } from './deploy-resumes.ts';
import { eventIsQuick } from './event-latency.ts';
import { insideTheApp } from './inside-the-app.ts';
import type { Line } from './line.ts';
import { liveLogs } from './live-logs.ts';
import { manyApps, manyVarsAtOnce } from './long-lists.ts';
import { pluginCommand } from './plugin-command.ts';
import { protocol } from './protocol.ts';
import { secretsStay } from './secrets-stay.ts';
import { settingsLayers } from './settings-layers.ts';
import { nothingIsLost, socketStaysUsable, tokenIsRenewed } from './socket-survives.ts';
import { statusTells } from './status-tells.ts';

/** Every line that is handed over so far: one that is not here is not handed over. */
export const LINES: readonly Line[] = [
  authenticates,
  pluginCommand,
  settingsLayers,
  socketStaysUsable,
  protocol,
  eventIsQuick,
  nothingIsLost,
  tokenIsRenewed,
  createsValidate,
  statusTells,
  secretsStay,
  clearErrors,
  manyApps,
  manyVarsAtOnce,
  deadSocket,
  deployResumes,
  liveLogs,
  insideTheApp,
  dashboardShows,
];
