import { definePlugin } from '@rig/plugin-api';
import { DeployCommand } from './commands/deploy.ts';

export default definePlugin({
  name: 'deploy',
  permissions: ['http', 'socket', 'config:write'],
  commands: [DeployCommand],
});
