import { type Channel, isRigError } from '@rig/plugin-api';
import type { SessionSignal } from '@rig/plugin-api/max';

/** Sends a signal to a session, be it once the connection is back; one whose channel has ended hears nothing more. */
export function sendSignal(channel: Pick<Channel, 'send'>, name: string): void {
  try {
    channel.send('signal', { signal: name } satisfies SessionSignal, { offline: 'keep' });
  } catch (error) {
    if (!isRigError(error) || error.code !== 'RIG_CHANNEL_CLOSED') throw error;
  }
}
