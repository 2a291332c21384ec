/** Phoenix channels over WebSockets: the server's side, which knows nothing of what the channels are for. */
export { Channel, type ReplyRef } from './channel.ts';
export type { ChannelSocket } from './channel-socket.ts';
export type { ChannelFactory, ConnectContext, ConnectInfo, ConnectResult, MountOptions, Refusal } from './contract.ts';
export { Endpoint, type EndpointOptions, type EndpointProblem } from './endpoint.ts';
export { Presence, type PresenceMeta, type PresenceState } from './presence.ts';
export { error, type HandlerResult, ok, type Reply, reply, type Stop, stop } from './result.ts';
