/** Spans of time that graphs can show, by their names. */
export const SPANS = { '5m': 300, '15m': 900, '1h': 3600, '24h': 86_400 } as const;

/** One of {@link SPANS}. */
export type Span = keyof typeof SPANS;

/** Seconds that each figure of a span is of: a day is shown by the minute, the others by the second. */
export function resolutionOf(span: Span): 1 | 60 {
  return span === '24h' ? 60 : 1;
}
