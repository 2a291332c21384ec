import { definePlugin } from '@rig/plugin-api';
import { ForwardCommand } from './commands/forward.ts';
import { ShellCommand } from './commands/shell.ts';
import { SshConfigCommand } from './commands/ssh/config.ts';
import { SshProxyCommand } from './commands/ssh/proxy.ts';

export default definePlugin({
  name: 'ssh',
  permissions: ['http', 'socket'],
  commands: [ForwardCommand, ShellCommand, SshConfigCommand, SshProxyCommand],
});
