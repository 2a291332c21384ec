import type { Log } from './log.ts';

/** Writes a line of Max's own into a log; where that fails nothing else does, as it is no more than a remark. */
export function say(log: Log, text: string, report: (text: string) => void, by: 'max' | 'router' = 'max'): void {
  try {
    log.append([{ at: Date.now(), instance: by, stream: 'system', text }]);
  } catch (error) {
    report(`the log ${log.folder} cannot be written: ${(error as Error).message}`);
  }
}
