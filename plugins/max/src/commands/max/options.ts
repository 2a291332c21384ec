import { Option } from '@rig/plugin-api';

/** The option of every command of Max: its state folder. */
export const stateDirOption = () =>
  Option.String('--state-dir', { description: "Max's state folder; else RIG_MAX_DIR, else a folder of this user" });

/** How long a session may be idle. */
export const sessionIdleOption = () =>
  Option.String('--session-idle', {
    description: 'How long a shell or a connection may be idle, or never; else RIG_MAX_SESSION_IDLE, else 1h',
  });

/** How long a session may last. */
export const sessionLimitOption = () =>
  Option.String('--session-limit', {
    description: 'How long a shell, a command or a connection may last, or never; else RIG_MAX_SESSION_LIMIT, else 24h',
  });

/** Where Max listens. */
export const portOption = () =>
  Option.String('--port', {
    description: 'Where to listen, 0 for any free port; else RIG_MAX_PORT, else as before, else 7420',
  });
