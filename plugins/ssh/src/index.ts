import { definePlugin } from '@rig/plugin-api';
import { CommandAttachCommand } from './commands/command/attach.ts';
import { CommandListCommand } from './commands/command/list.ts';
import { CommandStopCommand } from './commands/command/stop.ts';
import { CommandCommand } from './commands/command.ts';
import { ForwardCommand } from './commands/forward.ts';
import { ShellCommand } from './commands/shell.ts';
import { SshConfigCommand } from './commands/ssh/config.ts';
import { SshProxyCommand } from './commands/ssh/proxy.ts';

export default definePlugin({
  name: 'ssh',
  permissions: ['http', 'socket'],
  commands: [
    CommandCommand,
    CommandAttachCommand,
    CommandListCommand,
    CommandStopCommand,
    ForwardCommand,
    ShellCommand,
    SshConfigCommand,
    SshProxyCommand,
  ],
});
