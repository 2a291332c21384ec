import { definePlugin } from '@rig/plugin-api';
import { LogsAppCommand } from './commands/logs/app.ts';
import { LogsBuildCommand } from './commands/logs/build.ts';
import { LogsNetworkCommand } from './commands/logs/network.ts';

export default definePlugin({
  name: 'logs',
  permissions: ['http', 'socket'],
  commands: [LogsAppCommand, LogsBuildCommand, LogsNetworkCommand],
});
