import { definePlugin } from '@rig/plugin-api';

export default definePlugin({
  name: 'dashboard',
  permissions: ['http', 'socket'],
  commands: [],
});
