import { escapeJson } from './json-escapes.ts';

/** One JSON document for `-o json`, readable and ending in a new line. */
export function jsonDocument(value: unknown): string {
  return `${escapeJson(JSON.stringify(value, null, 2) ?? 'null')}\n`;
}

/** One record on a line of its own, for `-o ndjson` and for messages in machine forms. */
export function jsonLine(value: unknown): string {
  return `${escapeJson(JSON.stringify(value) ?? 'null')}\n`;
}
