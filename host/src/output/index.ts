import {
  ExitCode,
  isOutcome,
  type Output,
  type Prompt,
  type Result,
  RigError,
  sanitiseLines,
  type Target,
  type TerminalLease,
} from '@rig/plugin-api';
import { FORMATS, type Format } from '../globals.ts';
import type { Io } from '../io.ts';
import { errorJson, errorText, toRigError } from './errors.ts';
import { jsonLine } from './json.ts';
import { type HeldLease, takeTerminal } from './lease.ts';
import { createMessages, isMachine } from './messages.ts';
import { countWaits } from './person-waits.ts';
import { ProgressBoard } from './progress.ts';
import { createPrompt } from './prompt.ts';
import { hideCredentials } from './redact.ts';
import { checkFormat, checkRaw, renderResult } from './render.ts';
import { Screen } from './screen.ts';
import type { SinkEnd } from './sink.ts';
import { type ColorChoice, isCi, type Style, styleFor, wantsColor } from './style.ts';

/** What the output is made of. */
export interface OutputOptions {
  /** The form that `-o` asked for. */
  format?: Format;
  /** What `--color` asked for. */
  color?: ColorChoice;
  verbose: boolean;
  version: string;
  /** Reports of internal errors are written below it. */
  stateDir: string;
  /** Aborted when the reader of an output has gone away; its signal interrupts streams and questions. */
  abort: AbortController;
  /** The server that commands act on, for the target line. */
  describeTarget(): Promise<Target>;
  /** The form from the settings; asked where `-o` is not given. */
  defaultFormat?(): Promise<Format | undefined>;
  /** The choice of colour from the settings; asked where `--color` is not given. */
  defaultColor?(): Promise<ColorChoice | undefined>;
}

/** Everything that rig prints goes through this. */
export interface HostOutput {
  /** For commands and taps. */
  readonly service: Output;
  readonly prompt: Prompt;
  /** Whether the reader of an output has gone away: then rig ends quietly with 0. */
  readonly closed: boolean;
  /** Reads the settings for form and colour; before it, and where they cannot be read, the built-in ones hold. */
  prepare(): Promise<void>;
  /** Refuses a form that the result does not have, before the command runs. @throws RigError `RIG_FORMAT_UNSUPPORTED` (2) */
  check(result: Result<never>): Promise<void>;
  /** Prints what a command returned. @throws RigError `RIG_OUTPUT_FAILED` where standard output cannot be written */
  render(result: Result<unknown>, value: unknown): Promise<void>;
  /** Prints an error and gives its exit code; quiet where nobody reads any more. */
  renderError(error: unknown): Promise<number>;
  /** Prints a text of rig's own on standard output as it is, e.g. help. */
  print(text: string): Promise<void>;
  /** A line of `--trace` on standard error, in every form. */
  trace(text: string): void;
  /** A line that only `--verbose` shows. */
  verbose(text: string): void;
  lease(): Promise<TerminalLease>;
  /** See {@link Waits.total}: of questions. A command that holds the screen for hours asks nothing. */
  waitedForPerson(since: number): number;
  /** Gives the terminal its modes back at once; safe to call often, also before rig ends without a flush. */
  restore(): void;
  /** The end of a command: ends displays and a lease that was left, and waits until everything is written. */
  flush(): Promise<void>;
}

/** Makes the output of one run of rig. */
export function createOutput(io: Io, options: OutputOptions): HostOutput {
  const { abort } = options;
  let format: Format = options.format ?? 'table';
  let color: ColorChoice = options.color ?? 'auto';
  let closed = false;
  let failure: RigError | undefined;
  let prepared: Promise<void> | undefined;
  let held: HeldLease | undefined;

  const screen = new Screen(io, (end, which) => {
    if (end.closed) closed = true;
    else if (which === 'stdout') failure = outputFailed(end);
    else return;
    abort.abort(
      failure ?? new RigError({ code: 'RIG_OUTPUT_CLOSED', message: 'nobody reads any more', exitCode: ExitCode.Ok }),
    );
  });
  const style = (sink: 'out' | 'err'): Style => styleFor(color, io.env, screen[sink].stream);
  const interactive = (): boolean => screen.err.isTTY && !isCi(io.env) && io.env.TERM !== 'dumb' && !isMachine(format);
  const progress = new ProgressBoard(screen, () => (isMachine(format) ? 'silent' : interactive() ? 'bar' : 'lines'));

  const clock = countWaits();
  const service = createMessages({
    screen,
    format: () => format,
    interactive,
    fullScreen: () =>
      format === 'table' && io.stdin.isTTY === true && screen.out.isTTY && io.env.TERM !== 'dumb' && !isCi(io.env),
    color: () => wantsColor(color, io.env, screen.out.stream),
    style: () => style('err'),
    describeTarget: () => options.describeTarget(),
    progress: (title) => progress.start(title),
  });
  const prompt = createPrompt({
    io,
    screen,
    signal: abort.signal,
    nobody: () => whyNobody(io, format),
    waiting: clock.start,
  });

  // Reading the settings may warn before it is known in which form.
  const early: Array<() => void> = [];
  let preparing = false;
  const { warn } = service;
  service.warn = (code, text) => {
    if (preparing) early.push(() => warn(code, text));
    else warn(code, text);
  };
  const readDefaults = async (): Promise<void> => {
    preparing = true;
    try {
      if (options.format === undefined) format = (await options.defaultFormat?.()) ?? format;
      if (options.color === undefined) color = (await options.defaultColor?.()) ?? color;
    } catch (error) {
      // The error is told in the form of the environment: that much can be known without the settings.
      if (options.format === undefined) format = FORMATS.find((known) => known === io.env.RIG_OUTPUT) ?? format;
      throw error;
    }
  };

  const prepare = (): Promise<void> => {
    prepared ??= readDefaults().finally(() => {
      for (const warn of early.splice(0)) warn();
      preparing = false;
    });
    return prepared;
  };

  const checkWritten = (): void => {
    if (failure) throw failure;
  };

  return {
    service,
    prompt,
    get closed() {
      return closed;
    },
    prepare,
    async check(result) {
      await prepare();
      checkRaw(result, options.format);
      checkFormat(result, format);
    },
    async render(result, value) {
      await prepare();
      if (isOutcome(value) && value.drawn) return;
      const stops = { signal: abort.signal, closed: () => closed || failure !== undefined };
      try {
        const plain = isOutcome(value) ? value.data : value;
        const redraws = screen.out.isTTY && io.env.TERM !== 'dumb' && !isCi(io.env);
        await renderResult(result, plain, { format, screen, style: style('out'), stops, redraws, note: service.note });
        await screen.out.idle();
      } catch (error) {
        if (!failure && !closed) throw error;
      }
      checkWritten();
    },
    async renderError(error) {
      progress.stop();
      // ssh, which rig works for then, may have made the terminal raw: a line feed alone goes straight down there.
      const isOthers = held?.lease.isTTY === false && screen.err.isTTY;
      held?.end();
      // Settings that cannot be read are told by this very error.
      await prepare().catch(() => {});
      if (closed) return ExitCode.Ok;
      const shown = toRigError(causeOf(error, abort.signal), {
        io,
        stateDir: options.stateDir,
        version: options.version,
      });
      const text = isMachine(format) ? errorJson(shown, io.env) : errorText(shown, style('err'), io.env);
      // A terminal has echoed ^C at the place where the cursor was.
      const fresh = shown.exitCode === ExitCode.Interrupted && screen.err.isTTY && !isMachine(format) ? '\n' : '';
      const said = fresh + hideCredentials(text, io.env);
      screen.write(screen.err, isOthers ? said.replaceAll('\n', '\r\n') : said);
      await screen.err.idle();
      return closed ? ExitCode.Ok : shown.exitCode;
    },
    async print(text) {
      screen.write(screen.out, text.endsWith('\n') ? text : `${text}\n`);
      await screen.out.idle();
      checkWritten();
    },
    trace(text) {
      for (const line of sanitiseLines(text))
        screen.write(
          screen.err,
          isMachine(format) ? jsonLine({ level: 'trace', message: line }) : `${style('err').dim(line)}\n`,
        );
    },
    verbose(text) {
      if (options.verbose) service.note(text);
    },
    async lease() {
      await screen.idle();
      held = takeTerminal(io, screen, () => {
        held = undefined;
      });
      return held.lease;
    },
    waitedForPerson: clock.total,
    restore() {
      prompt.restore();
      held?.restore();
      screen.erase();
    },
    async flush() {
      prompt.restore();
      held?.end();
      progress.stop();
      await screen.idle();
    },
  };
}

/** What an aborted wait failed of: the end of the command. Aborted by nobody of rig's it is an error like any other. */
const causeOf = (error: unknown, { aborted, reason }: AbortSignal): unknown =>
  aborted && (error as { name?: unknown } | null)?.name === 'AbortError' ? reason : error;

const outputFailed = ({ error }: SinkEnd): RigError =>
  new RigError({
    code: 'RIG_OUTPUT_FAILED',
    message: `standard output cannot be written: ${error.message}`,
    hint:
      error.code === 'ENOSPC' ? 'make room where it goes to, and try again' : 'check where it goes to, and try again',
    cause: error,
  });

function whyNobody(io: Io, format: Format): string | undefined {
  if (isMachine(format)) return `no questions are asked with -o ${format}`;
  if (isCi(io.env)) return 'CI is set';
  if (io.stdin.isTTY !== true) return 'standard input is not a terminal';
  if (io.stderr.isTTY !== true) return 'standard error is not a terminal';
  return undefined;
}
