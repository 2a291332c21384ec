import type { Core } from '../core.ts';
import type { ConnectContext, ConnectResult, MountOptions } from '../socket/index.ts';
import type { SocketAssigns } from './assigns.ts';
import { EventsChannel } from './events-channel.ts';
import { MetricsChannel } from './metrics-channel.ts';
import { MetricsTopics } from './metrics-topics.ts';
import { SessionChannel } from './session-channel.ts';

/** Lets a client connect whose token holds. */
function connect(core: Core, { authToken }: ConnectContext): ConnectResult<SocketAssigns> {
  const principal = authToken === undefined ? undefined : core.authority.authenticate(authToken);
  if (principal === undefined) return { refuse: { status: 403 } };
  return { id: principal.grant, assigns: { userId: principal.user.id, scopes: principal.scopes } };
}

/** Frames a second of one client: far more than a person, a script or a file needs, and far less than Max can take. */
const MOST_FRAMES = 10_000;

/** Everything that is served at `/socket`. */
export function socketMount(core: Core): MountOptions<SocketAssigns> {
  const events = () => new EventsChannel(core);
  const topics = new MetricsTopics(core.metrics);
  const metrics = () => new MetricsChannel(core, topics);
  const session = () => new SessionChannel(core);
  return {
    connect: (context) => connect(core, context),
    maxFramesPerSecond: MOST_FRAMES,
    channels: [
      ['user:*', events],
      ['network:*', events],
      ['app:*', events],
      ['metrics:*', metrics],
      ['session:*', session],
      ...core.runtime.channels(),
    ],
  };
}
