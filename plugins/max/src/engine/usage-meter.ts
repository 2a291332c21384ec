import { ProcUsage } from './proc-usage.ts';
import { PsUsage } from './ps-usage.ts';
import type { UsageMeter } from './usage.ts';

/** What looks at processes on this system. */
export function usageMeter(): UsageMeter {
  return process.platform === 'linux' ? new ProcUsage() : new PsUsage();
}
