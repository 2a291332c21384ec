import type { Outcome, Services } from '@rig/plugin-api';
import type { CommandValue } from './result.ts';
import { runCaptured, runRecords, runThrough } from './run.ts';
import { findCommand } from './sessions.ts';

/** Follows a command that was begun before, from what is kept of it; whoever interrupts that leaves it to itself. */
export async function attach(services: Services, id: string): Promise<Outcome<CommandValue>> {
  const open = async () => findCommand(await services.http(), id);
  const followed = { services, open, stdin: false, leaves: true };
  const { format } = services.output;
  if (format === 'table') return runThrough(followed);
  return format === 'ndjson' ? runRecords(followed) : runCaptured(followed);
}
