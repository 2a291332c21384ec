import { drawn, type Outcome, withExitCode } from '@rig/plugin-api';
import { sessionEndText } from '@rig/plugin-api/max';
import { Captured, CaptureRoom } from './captured.ts';
import { onEach, type Run } from './each-instance.ts';
import { rigExitCode } from './ending.ts';
import { RecordQueue, Records } from './records.ts';
import { type CommandFailure, type CommandRecord, type CommandResult, failureOf } from './result.ts';
import { type RunInApp, recordsOf } from './run.ts';
import { PrefixedOutput, sayStates } from './standard-output.ts';

/** How it went on one instance. */
interface Ended {
  instance: string;
  code: number;
  /** In few words. */
  text: string;
}

/** Runs it with prefixed lines on rig's own streams. */
export async function runAllThrough(all: RunInApp): Promise<Outcome<never>> {
  const { services, app } = all;
  const ends = await onEach(all, async (names, each) => {
    if (services.output.interactive)
      await services.output.target(`${count(names.length)} of app ${app.app}.${app.network}`, app.origin);
    const width = Math.max(...names.map((name) => name.length));
    const lease = await services.lease();
    const state = sayStates(lease);
    try {
      return await each((instance): Run<Ended> => {
        const prefix = `${instance.padEnd(width)} | `;
        const output = new PrefixedOutput(lease, prefix, state);
        return {
          output,
          async ended(session, end) {
            await output.end();
            return { instance, code: rigExitCode(session, end), text: sessionEndText(end) };
          },
          async failed({ message, code, exitCode }) {
            await output.end();
            await lease.writeError(`${prefix}error: ${message} (${code})\n`);
            return { instance, code: exitCode, text: code };
          },
        };
      });
    } finally {
      await lease.release();
    }
  });
  services.output.note(summary(ends));
  return drawn(worst(ends));
}

/** Runs it and gives all that each instance wrote, as one value. */
export async function runAllCaptured(all: RunInApp): Promise<Outcome<Array<CommandResult | CommandFailure>>> {
  const room = new CaptureRoom();
  const ends = await onEach(all, (_names, each) =>
    each((instance): Run<{ result: CommandResult | CommandFailure; code: number }> => {
      const output = new Captured(room);
      return {
        output,
        ended: (session, end) => ({ result: output.result(session, end), code: rigExitCode(session, end) }),
        failed: (error) => ({ result: { ...output.written, ...failureOf(instance, error) }, code: error.exitCode }),
      };
    }),
  );
  return withExitCode(
    ends.map(({ result }) => result),
    worst(ends),
  );
}

/** Runs it and gives what each instance writes as it comes. */
export function runAllRecords(all: RunInApp): Outcome<CommandRecord> {
  const queue = new RecordQueue();
  let code = 0;
  const run = onEach(all, async (_names, each): Promise<void> => {
    await each((instance): Run<void> => {
      const output = new Records(queue, { instance });
      return {
        output,
        async ended(session, end) {
          code = Math.max(code, rigExitCode(session, end));
          await output.end(session, end);
        },
        async failed(error) {
          code = Math.max(code, error.exitCode);
          await output.fail(failureOf(instance, error));
        },
      };
    });
  });
  return recordsOf(queue, run, () => code);
}

const worst = (ends: ReadonlyArray<{ code: number }>): number => Math.max(0, ...ends.map(({ code }) => code));

const count = (many: number): string => (many === 1 ? '1 instance' : `${many} instances`);

/** `3 instances: 2 exit 0 (web.1, web.3), 1 exit 7 (web.2)`. */
function summary(ends: readonly Ended[]): string {
  const byText = new Map<string, string[]>();
  for (const { text, instance } of ends) byText.set(text, [...(byText.get(text) ?? []), instance]);
  if (byText.size <= 1) return `${count(ends.length)}: ${[...byText.keys()][0] ?? 'nothing was run'}`;
  const parts = [...byText].map(([text, names]) => `${names.length} ${text} (${names.join(', ')})`);
  return `${count(ends.length)}: ${parts.join(', ')}`;
}
