import { ExitCode, isRigError, RigError, sanitise, sanitiseLines } from '@rig/plugin-api';
import type { Io } from '../io.ts';
import { jsonLine } from './json.ts';
import { redact } from './redact.ts';
import { describe, writeReport } from './report.ts';
import type { Style } from './style.ts';

/** Where reports go and what they say of rig. */
export interface ErrorContext {
  io: Io;
  stateDir: string;
  version: string;
}

/** Turns whatever was thrown into a `RigError`; one that rig does not know gets a report file. */
export function toRigError(thrown: unknown, context: ErrorContext): RigError {
  if (isRigError(thrown)) return thrown;
  const report = writeReport(thrown, context.io, context.stateDir, context.version);
  const message = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return new RigError({
    code: 'RIG_INTERNAL',
    message: `internal error: ${redact(message, context.io.env)}`,
    hint:
      'file' in report
        ? `this is a fault in rig or in a plugin; the report is in ${report.file}, and RIG_DEBUG=1 shows the stack`
        : `this is a fault in rig or in a plugin; no report could be written (${report.failed}), and RIG_DEBUG=1 shows the stack`,
    exitCode: ExitCode.Failed,
    cause: thrown,
  });
}

/** The stack of an error and of its causes, redacted, for `RIG_DEBUG`. */
const stackOf = (error: RigError, env: Io['env']): string => redact(describe(error), env);

/** An error for a person: what happened, the lines that explain it, what mends it, the request to ask about. */
export function errorText(error: RigError, style: Style, env: Io['env']): string {
  const [first = '', ...more] = sanitiseLines(error.message);
  const lines: string[] = [];
  const interrupted = error.exitCode === ExitCode.Interrupted;
  // Whoever pressed Ctrl-C knows it: no "error", no code.
  if (interrupted) lines.push(first);
  else lines.push(`${style.red(style.bold('error:'))} ${first} ${style.dim(`(${sanitise(error.code)})`)}`);
  // Lines of data never start at the margin, where rig's own words stand.
  lines.push(...more.map((line) => `  ${line}`));
  for (const line of error.lines ?? []) lines.push(...sanitiseLines(line).map((part) => `  ${style.dim('|')} ${part}`));
  if (error.hint) {
    const [hint = '', ...rest] = sanitiseLines(error.hint);
    lines.push(`${style.cyan('hint:')} ${hint}`, ...rest.map((line) => `  ${line}`));
  }
  if (error.requestId) lines.push(style.dim(`request id: ${sanitise(error.requestId)}`));
  if (env.RIG_DEBUG) lines.push(...sanitiseLines(stackOf(error, env)).map((line) => style.dim(`  ${line}`)));
  return `${lines.join('\n')}\n`;
}

/** An error for a program: one JSON object on one line. */
export function errorJson(error: RigError, env: Io['env']): string {
  return jsonLine({
    level: 'error',
    code: error.code,
    message: error.message,
    hint: error.hint,
    exitCode: error.exitCode,
    requestId: error.requestId,
    lines: error.lines?.length ? error.lines : undefined,
    details: error.details,
    stack: env.RIG_DEBUG ? stackOf(error, env) : undefined,
  });
}
