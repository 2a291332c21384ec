import { type ChannelEvent, type EventFilter, GAP_EVENT } from '@rig/plugin-api';

/** Whether a tap with this filter is told of an event. */
export function passes(filter: EventFilter, topic: string, { event, payload }: ChannelEvent): boolean {
  if (!fits(filter.topic, topic)) return false;
  // What is missing concerns whoever wants any of it.
  if (event === GAP_EVENT) return true;
  if (!fits(filter.event, event)) return false;
  const type = (payload as { type?: unknown } | null | undefined)?.type;
  return filter.type === undefined || (typeof type === 'string' && fits(filter.type, type));
}

function fits(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) return true;
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}
