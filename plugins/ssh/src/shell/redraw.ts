import { setTimeout as delay } from 'node:timers/promises';
import type { TerminalLease } from '@rig/plugin-api';
import type { SessionLink } from '../session/index.ts';

/** Long enough for a program to look at the size before it changes again. */
const lookMs = 150;

/** Makes a full-screen program draw its screen anew: its terminal is a row smaller for a moment. */
export async function redraw(link: SessionLink, lease: TerminalLease): Promise<void> {
  const { columns, rows } = lease.size();
  link.resize({ columns, rows: Math.max(1, rows - 1) });
  await delay(lookMs);
  link.resize(lease.size());
}
