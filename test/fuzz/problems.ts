import type { EndpointProblem } from '../../plugins/max/src/socket/index.ts';

/** What the reference channels throw when they are asked to, or asked for what they do not have. */
const ASKED_FOR =
  /^asked to|has no handler for the event|^Do not know how to serialize a BigInt|a binary header field has \d+ bytes|^an object cannot stand in a binary header|carries no binary payload$/;

/** Throws where a channel failed by anything but its own will: that would be the library's mistake. */
export function mustBeAskedFor({ cause, during }: EndpointProblem): void {
  if (cause instanceof Error && ASKED_FOR.test(cause.message)) return;
  throw new Error(`an unexpected failure in ${during}`, { cause });
}
