import type { SocketState } from '@rig/plugin-api';

/** Says once when the connection is lost that somebody waits for, and once when it is back. */
export function createLinkStatus(say: (text: string) => void): (state: SocketState, isAwaited: boolean) => void {
  let lost = false;
  return ({ state, reason }, isAwaited) => {
    if (state === 'reconnecting' && !lost && isAwaited) {
      lost = true;
      say(`The connection to Max is lost${reason ? ` (${reason})` : ''}; trying again until it is back`);
    } else if (state === 'open' && lost) {
      lost = false;
      say('Connected again');
    }
  };
}
