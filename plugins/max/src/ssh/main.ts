/** Everything of SSH that Max loads when the first client wants it. */
export { serveSsh } from './connection.ts';
export { openHostKey, UnreadableHostKey } from './host-key.ts';
