import { definePlugin } from '@rig/plugin-api';
import { AttachCommand } from './commands/attach.ts';
import { CancelCommand } from './commands/cancel.ts';
import { DeployCommand } from './commands/deploy.ts';
import { RollbackCommand } from './commands/rollback.ts';

export default definePlugin({
  name: 'deploy',
  permissions: ['http', 'socket', 'config:write'],
  commands: [DeployCommand, AttachCommand, CancelCommand, RollbackCommand],
});
