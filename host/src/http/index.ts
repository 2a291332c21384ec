export { type Asked, checkMax, readAnswer } from './answer.ts';
export { createHttp, type HttpService, type HttpServiceOptions, type RequestHead } from './client.ts';
export { plainText } from './plain-text.ts';
export { isLoopback, loginCommand, normaliseServer, requireSecure } from './server-url.ts';
export {
  createTransport,
  type Transport,
  type TransportOptions,
  type TransportReply,
  type TransportRequest,
} from './transport.ts';
export { reachHint, unreachable } from './unreachable.ts';
