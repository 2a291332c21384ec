import type { QueryShape } from '../route.ts';

/** The query of every list that pages. */
export const PAGE_QUERY: readonly QueryShape[] = [
  { name: 'limit', type: 'integer', description: 'Items of the page, 1 to 500; 100 unless said.' },
  { name: 'cursor', type: 'string', description: '`next` of the page before.' },
];

/** The query of every log. */
export const LOG_QUERY: readonly QueryShape[] = [
  {
    name: 'lines',
    type: 'integer',
    description:
      'The most recent so many, 1 to 10,000; 100 unless said. With `since` and without it: as many as a page has.',
  },
  { name: 'after', type: 'integer', description: 'The lines that follow this sequence number; wins over `since`.' },
  {
    name: 'since',
    type: 'string',
    description: 'From that time on: ISO 8601, or a duration back from now (10m, 2h, 1d).',
  },
  { name: 'until', type: 'string', description: 'Up to that time, in the same forms.' },
  { name: 'instance', type: 'string', description: 'Lines of one instance (web.1) or process type (web).' },
  {
    name: 'level',
    type: 'string',
    description: 'Lines of this level and above: trace, debug, info, warn, error, fatal.',
  },
  { name: 'grep', type: 'string', description: 'Lines that match this JavaScript regular expression.' },
];
