import { definePlugin } from '@rig/plugin-api';

export default definePlugin({
  name: 'ssh',
  permissions: ['http', 'socket'],
  commands: [],
});
