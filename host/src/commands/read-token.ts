import type { Readable } from 'node:stream';
import { ExitCode, RigError } from '@rig/plugin-api';
import { checkToken } from '../auth/api-token.ts';
import { loginCommand } from '../http/server-url.ts';

// A token has some hundred characters: what is larger is the wrong file, and need not be read to its end.
const MOST_BYTES = 64 * 1024;

/**
 * Reads a token from standard input, without the newline at its end.
 *
 * @throws RigError `RIG_TOKEN_STDIN_TERMINAL`, `RIG_EMPTY_TOKEN`, `RIG_BAD_TOKEN` (2)
 */
export async function readToken(
  stdin: Readable & { isTTY?: boolean },
  server: string,
  signal: AbortSignal,
): Promise<string> {
  if (stdin.isTTY) {
    throw new RigError({
      code: 'RIG_TOKEN_STDIN_TERMINAL',
      message: 'standard input is a terminal, and a token that is typed there can be read by whoever looks',
      hint: `pass it by a file or a pipe: ${loginCommand(server)}`,
      exitCode: ExitCode.Usage,
    });
  }
  const parts: Buffer[] = [];
  let size = 0;
  const stop = (): void => void stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const part of stdin) {
      const bytes = Buffer.from(part);
      parts.push(bytes);
      size += bytes.length;
      if (size > MOST_BYTES) break;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new RigError({
      code: 'RIG_STDIN_UNREADABLE',
      message: `standard input cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown cause'})`,
      hint: `pass the token by a file or a pipe: ${loginCommand(server)}`,
      exitCode: ExitCode.Usage,
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
  const text = Buffer.concat(parts).toString('utf8');
  return checkToken(text.replace(/\r?\n$/, ''), 'standard input');
}
