import { definePlugin } from '@rig/plugin-api';
import { DashboardCommand } from './commands/status/dashboard.ts';

export default definePlugin({
  name: 'dashboard',
  permissions: ['http', 'socket', 'exec'],
  commands: [DashboardCommand],
});
