/** The byte streams of a session, over as many connections as it takes. */
export { endedWith, exitCodeOf } from './ending.ts';
export { attachCommand, sessionName } from './errors.ts';
export type { StreamHole } from './incoming-stream.ts';
export { Interrupts, withInterrupts } from './interrupts.ts';
export { type JoinSessionOptions, joinSession } from './join-session.ts';
export type { LinkState, SessionLink } from './link.ts';
export { openSession } from './open-session.ts';
