import { Option } from '@rig/plugin-api';

/** The option of every command of Max: its state folder. */
export const stateDirOption = () =>
  Option.String('--state-dir', { description: "Max's state folder; else RIG_MAX_DIR, else a folder of this user" });

/** Where Max listens. */
export const portOption = () =>
  Option.String('--port', {
    description: 'Where to listen, 0 for any free port; else RIG_MAX_PORT, else as before, else 7420',
  });
