import type { Output, Socket } from '@rig/plugin-api';

/** Says on stderr when the link is lost and when it is back, once each. @returns what stops it */
export function sayLinkStatus(socket: Socket, output: Output): () => void {
  let lost = false;
  return socket.onState(({ state, reason }) => {
    if (state === 'reconnecting' && !lost) {
      lost = true;
      output.note(`The connection to Max is lost${reason ? ` (${reason})` : ''}; trying again until it is back`);
    } else if (state === 'open' && lost) {
      lost = false;
      output.note('Connected again; nothing is left out');
    }
  });
}
