import { definePlugin } from '@rig/plugin-api';
import { MaxBackupCommand } from './commands/max/backup.ts';
import { MaxDownCommand } from './commands/max/down.ts';
import { MaxLogsCommand } from './commands/max/logs.ts';
import { MaxResetCommand } from './commands/max/reset.ts';
import { MaxRestoreCommand } from './commands/max/restore.ts';
import { MaxServeCommand } from './commands/max/serve.ts';
import { MaxStatusCommand } from './commands/max/status.ts';
import { MaxTokenCommand } from './commands/max/token.ts';
import { MaxUpCommand } from './commands/max/up.ts';

export default definePlugin({
  name: 'max',
  permissions: ['config:write', 'exec'],
  commands: [
    MaxUpCommand,
    MaxDownCommand,
    MaxStatusCommand,
    MaxServeCommand,
    MaxLogsCommand,
    MaxBackupCommand,
    MaxRestoreCommand,
    MaxResetCommand,
    MaxTokenCommand,
  ],
});
