import { appendFile } from 'node:fs/promises';
import type { TapContext } from '@rig/plugin-api';

/** Writes a line for every command that has ended, to the file that the setting `hello.log` names. */
export async function remember(
  event: { path: readonly string[]; exitCode: number; durationMs: number },
  { services }: TapContext,
): Promise<void> {
  const config = await services.config();
  const file = config.get('hello.log');
  if (!file) return;
  await appendFile(
    file,
    `rig ${event.path.join(' ')} ended with ${event.exitCode} after ${Math.round(event.durationMs)} ms\n`,
  );
}
