import type { QueryShape } from '../route.ts';

/** The query of every list that pages. */
export const PAGE_QUERY: readonly QueryShape[] = [
  { name: 'limit', type: 'integer', description: 'Items of the page, 1 to 500; 100 unless said.' },
  { name: 'cursor', type: 'string', description: '`next` of the page before.' },
];

/** The query of every log. */
export const LOG_QUERY: readonly QueryShape[] = [
  { name: 'lines', type: 'integer', description: 'Lines of the answer, 1 to 10,000; 100 unless said.' },
  { name: 'after', type: 'integer', description: 'Only lines after this sequence number.' },
];
