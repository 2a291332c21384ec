import type { IncomingMessage } from 'node:http';
import { ProblemError } from './problem-error.ts';
import type { BodyShape } from './route.ts';

/** Bytes of a body unless its route says otherwise. */
export const BODY_LIMIT = 1024 * 1024;

const inUnits = (bytes: number): string => (bytes >= 1024 ** 2 ? `${bytes / 1024 ** 2} MiB` : `${bytes} bytes`);

function tooLarge(limit: number): ProblemError {
  return new ProblemError(
    413,
    'RIG_TOO_LARGE',
    `the body is larger than ${inUnits(limit)}, the most that this route takes`,
  );
}

/** The media type of a header value, without parameters. */
export function mediaType(value: string | undefined): string {
  return (value ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/**
 * Reads a body that fits into memory.
 *
 * @throws ProblemError `RIG_TOO_LARGE` (413) as soon as it is known, `RIG_BAD_REQUEST` when the client stops half way
 */
export async function readBody(incoming: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const encoding = incoming.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new ProblemError(
      415,
      'RIG_BAD_REQUEST',
      `the body has the content-encoding "${encoding}", and only packs may`,
    );
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of incoming.iterator({ destroyOnReturn: false })) {
      size += (piece as Buffer).length;
      if (size > limit) throw tooLarge(limit);
      pieces.push(piece as Buffer);
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError(400, 'RIG_BAD_REQUEST', 'the connection ended in the middle of the body', { cause: error });
  }
  return Buffer.concat(pieces);
}

const MEDIA_TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

/**
 * Makes a value of a body's bytes.
 *
 * @throws ProblemError `RIG_BAD_REQUEST` (400, or 415 for another media type)
 */
export function parseBody(
  bytes: Buffer,
  shape: BodyShape & { kind: 'json' | 'form' },
  contentType: string | undefined,
): unknown {
  if (bytes.length === 0 && shape.optional === true) return {};
  const wanted = MEDIA_TYPES[shape.kind];
  if (mediaType(contentType) !== wanted)
    throw new ProblemError(
      415,
      'RIG_BAD_REQUEST',
      `the body is ${contentType === undefined ? 'without a content-type' : `of type "${contentType}"`}, and ${wanted} is wanted`,
    );
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ProblemError(400, 'RIG_BAD_REQUEST', 'the body is not valid UTF-8');
  }
  return shape.kind === 'json' ? parseJson(text) : parseForm(text);
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    throw new ProblemError(400, 'RIG_BAD_REQUEST', 'the body is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ProblemError(400, 'RIG_BAD_REQUEST', 'the body is not a JSON object');
  return value;
}

/** A form's fields; one that is given twice is refused, as RFC 6749 wants it. */
function parseForm(text: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    if (name in fields) throw new ProblemError(400, 'RIG_BAD_REQUEST', `the field "${name}" is given twice`);
    fields[name] = value;
  }
  return fields;
}
