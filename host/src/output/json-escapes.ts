/** What a terminal would obey of what JSON leaves as it is. */
const UNSAFE_IN_JSON = /[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Escapes in JSON text what JSON allows and a terminal may obey; it stays the same JSON. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE_IN_JSON, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Tells whether a JSON text holds what {@link escapeJson} would change, or an escaped control character. */
export function hasUnsafe(json: string): boolean {
  UNSAFE_IN_JSON.lastIndex = 0;
  return UNSAFE_IN_JSON.test(json) || /\\u00[01]|\\[bf]/.test(json);
}
