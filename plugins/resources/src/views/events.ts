import type { Block } from '@rig/plugin-api';
import { when } from './format.ts';

/** The last events as a table, or nothing where there are none. */
export function eventsBlock(events: ReadonlyArray<{ at: string; type: string; text: string }>): Block[] {
  if (events.length === 0) return [];
  return [
    {
      heading: 'Last events',
      columns: ['AT', 'TYPE', 'TEXT'],
      rows: events.map(({ at, type, text }) => [when(at), type, text]),
    },
  ];
}
