import { commandFinished, definePlugin, on } from '@rig/plugin-api';
import { Hello } from './hello.ts';
import { remember } from './remember.ts';

export default definePlugin({
  name: 'hello',
  commands: [Hello],
  taps: [on(commandFinished, remember)],
  settings: {
    greeting: { type: 'string', description: 'The word that rig hello begins with', default: 'Hello' },
    log: { type: 'string', description: 'A file that gets a line for every command that has ended' },
  },
});
