const SECRET_NAME = /TOKEN|SECRET|PASS|KEY|CREDENTIAL|AUTH|COOKIE|SESSION/i;
/** A shorter value would hit ordinary words. */
const SHORTEST = 6;
const HIDDEN = '[redacted]';

const PATTERNS: ReadonlyArray<readonly [RegExp, string]> = [
  // user:password@ in a URL
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${HIDDEN}@`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${HIDDEN}`],
  // JSON Web Tokens
  [/\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/g, HIDDEN],
  // token=… password: "…"
  [
    /((?:token|secret|password|passphrase|api[_-]?key|authorization)["']?\s*[=:]\s*["']?)[^\s"',;&}]{3,}/gi,
    `$1${HIDDEN}`,
  ],
];

/** Takes out of a text what may be a secret: values of variables named like one, and what looks like a credential. */
export function redact(text: string, env: Readonly<Record<string, string | undefined>>): string {
  let clean = text;
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && value.length >= SHORTEST && SECRET_NAME.test(name))
      clean = clean.replaceAll(value, HIDDEN);
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return clean.replace(TOKEN, `$1${HIDDEN}`);
}

/** How Max's tokens begin: one may be typed where it does not belong, and a message repeats what was typed. */
const TOKEN = /\b(max_(?:api|at|rt)_)[A-Za-z0-9_-]{8,}/g;

/** Takes rig's own credentials out of a text, should one ever get into a message. */
export function hideCredentials(text: string, env: Readonly<Record<string, string | undefined>>): string {
  let clean = text;
  for (const secret of [env.RIG_TOKEN, env.RIG_PASSPHRASE])
    if (secret !== undefined && secret.length >= SHORTEST) clean = clean.replaceAll(secret, HIDDEN);
  return clean.replace(TOKEN, `$1${HIDDEN}`);
}
