import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Names a file's content, or says that there is none. */
export async function digestOf(path: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  } catch {
    return 'none';
  }
}
