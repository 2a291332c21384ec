import { StringDecoder } from 'node:string_decoder';
import { ExitCode, type Prompt, RigError, sanitise } from '@rig/plugin-api';
import type { Io } from '../io.ts';
import { LineReader, type TypedLine } from './keys.ts';
import type { Screen } from './screen.ts';

/** What questions need of the output. */
export interface PromptContext {
  io: Io;
  screen: Screen;
  /** Aborted when the command is interrupted. */
  signal: AbortSignal;
  /** Why nobody can answer, or `undefined`. */
  nobody(): string | undefined;
  /** Says that a person is asked from now on; the returned function, that they answered. */
  waiting(): () => void;
}

const interrupted = (): RigError =>
  new RigError({ code: 'RIG_INTERRUPTED', message: 'interrupted', exitCode: ExitCode.Interrupted });

/** Makes the questions: asked on standard error, answered on standard input, one at a time. */
export function createPrompt(context: PromptContext): Prompt & { restore(): void } {
  let restore: () => void = () => {};
  let last: Promise<unknown> = Promise.resolve();

  const ask = (question: string, ending: string, alternative: string, hidden: boolean): Promise<TypedLine> => {
    const why = context.nobody();
    if (why !== undefined)
      throw new RigError({
        code: 'RIG_NO_TERMINAL',
        message: `nobody can answer "${question}": ${why}`,
        hint: alternative,
        exitCode: ExitCode.Usage,
      });
    const answer = last.then(() =>
      readAnswer(context, question + ending, hidden, (undo) => {
        restore = undo;
      }),
    );
    last = answer.catch(() => {});
    return answer;
  };

  return {
    restore: () => restore(),
    async confirmByName(question, expected) {
      const answer = await ask(
        question,
        `\nType ${expected} to confirm: `,
        'where nobody can be asked, say --yes',
        false,
      );
      if (answer.kind === 'line' && answer.text.trim() === expected) return;
      const nothing = answer.kind !== 'line' || answer.text.trim() === '';
      throw new RigError({
        code: 'RIG_NOT_CONFIRMED',
        message: `nothing was done: ${nothing ? 'nothing was typed' : `what was typed is not ${JSON.stringify(expected)}`}`,
        hint: 'type the name exactly, or say --yes',
      });
    },
    async confirm(question) {
      const answer = await ask(question, ' [y/N] ', 'where nobody can be asked, say --yes', false);
      return answer.kind === 'line' && /^y(es)?$/i.test(answer.text.trim());
    },
    async secret(question) {
      const hint = 'give the value on standard input or from a file; see the options of the command by --help';
      const answer = await ask(question, ': ', hint, true);
      if (answer.kind === 'line') return answer.text;
      throw interrupted();
    },
  };
}

function readAnswer(
  { io, screen, signal, waiting }: PromptContext,
  question: string,
  hidden: boolean,
  keepRestore: (undo: () => void) => void,
): Promise<TypedLine> {
  signal.throwIfAborted();
  const { stdin } = io;
  const free = screen.hold();
  const answered = waiting();
  let raw = false;
  const cooked = (): void => {
    if (raw) stdin.setRawMode?.(false);
    raw = false;
  };
  keepRestore(cooked);
  return new Promise<TypedLine>((resolve, reject) => {
    const read = hidden ? hiddenReader() : visibleReader();
    let finished = false;
    const finish = (settle: () => void): void => {
      // Ctrl-C comes twice, as a signal and as the command's abort.
      if (finished) return;
      finished = true;
      stdin.off('data', onData).off('end', onEnd).off('error', onEnd);
      signal.removeEventListener('abort', onAbort);
      stopSignals();
      cooked();
      stdin.pause();
      // Enter was not echoed, and neither was Ctrl-C.
      if (hidden) screen.err.write('\n');
      answered();
      free();
      settle();
    };
    const onData = (bytes: Buffer | string): void => {
      const typed = read(Buffer.from(bytes));
      if (!typed) return;
      finish(() => {
        // What was typed ahead is the next question's; put back once the stream no longer flows.
        if (typed.kind === 'line' && typed.rest !== '') stdin.unshift(Buffer.from(typed.rest));
        if (typed.kind === 'interrupt') reject(interrupted());
        else resolve(typed);
      });
    };
    const onEnd = (): void =>
      finish(() => {
        // Ctrl-D leaves the cursor behind the question.
        if (!hidden) screen.err.write('\n');
        resolve({ kind: 'end' });
      });
    const onAbort = (): void => finish(() => reject(signal.reason));
    const stopSignals = io.onSignal(() => finish(() => reject(interrupted())));
    signal.addEventListener('abort', onAbort, { once: true });
    if (hidden) {
      raw = true;
      stdin.setRawMode?.(true);
    }
    const [first = '', ...more] = question.split('\n').map(sanitise);
    screen.err.write([first, ...more].join('\n'));
    stdin.on('data', onData).on('end', onEnd).on('error', onEnd);
    stdin.resume();
  });
}

/** Raw mode: nothing is echoed, rig edits the line itself. */
function hiddenReader(): (bytes: Buffer) => TypedLine | undefined {
  const reader = new LineReader();
  return (bytes) => reader.feed(bytes);
}

/** The terminal echoes and edits the line; it comes whole. */
function visibleReader(): (bytes: Buffer) => TypedLine | undefined {
  const decoder = new StringDecoder('utf8');
  let text = '';
  return (bytes) => {
    text += decoder.write(bytes);
    const end = text.indexOf('\n');
    return end === -1
      ? undefined
      : { kind: 'line', text: text.slice(0, end).replace(/\r$/, ''), rest: text.slice(end + 1) };
  };
}
