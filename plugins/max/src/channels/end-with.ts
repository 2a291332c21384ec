import type { EventLog, StoredEvent } from '../events.ts';
import type { Channel } from '../socket/index.ts';
import type { SocketAssigns } from './assigns.ts';

/** Closes a channel once what it is about is deleted: whoever follows it must not wait for ever. Call it in the join. */
export function endWith(
  channel: Channel<SocketAssigns>,
  events: EventLog,
  isEnd: (event: StoredEvent) => boolean,
): void {
  const unlisten = events.listen((event) => {
    if (isEnd(event)) channel.close();
  });
  channel.signal.addEventListener('abort', unlisten, { once: true });
}

/** Whether an event is the end of an app. */
export function endOfApp(appId: string): (event: StoredEvent) => boolean {
  return ({ type, appId: of }) => type === 'app.deleted' && of === appId;
}
