import type { Connection } from 'ssh2';

/** What of a connection the library keeps to itself. */
interface Refusing {
  _protocol?: { channelOpenFail?(recipient: number, reason: number, description: string): void };
}

/** Refuses a channel and says why, which ssh shows to its user; the library itself has no words for it. */
export function refuseChannel(connection: Connection, reject: () => void, why: string): void {
  const { _protocol: protocol } = connection as unknown as Refusing;
  const send = protocol?.channelOpenFail;
  // Without words rather than not at all.
  if (protocol === undefined || send === undefined) {
    reject();
    return;
  }
  protocol.channelOpenFail = (recipient, reason) => send.call(protocol, recipient, reason, why);
  try {
    reject();
  } finally {
    protocol.channelOpenFail = send;
  }
}
