import type { Block } from '@rig/plugin-api';
import type { EventRecord } from '../events/follow-events.ts';
import { when } from './format.ts';

/** The last events as a table, or nothing where there are none; their types say nothing that the text does not. */
export function eventsBlock(events: ReadonlyArray<{ at: string; text: string }>): Block[] {
  if (events.length === 0) return [];
  return [
    {
      heading: 'Last events',
      columns: ['AT', 'EVENT'],
      rows: events.map(({ at, text }) => [when(at), text]),
    },
  ];
}

/** An event as a line for a person: `2026-03-01T09:30:05.120Z deployment.updated  text`. */
export function formatEvent(record: EventRecord): string {
  if (!('gap' in record)) return `${record.at} ${record.type.padEnd(18)} ${record.text}`;
  const { from, to } = record.gap;
  return `--- events ${from} to ${to} are gone: Max keeps the last ones alone ---`;
}
