import type { Output, Progress, Target } from '@rig/plugin-api';
import { sanitise, sanitiseLines } from '@rig/plugin-api';
import type { Format } from '../globals.ts';
import { jsonLine } from './json.ts';
import type { Screen } from './screen.ts';
import type { Style } from './style.ts';

/** What messages need of the output. */
export interface MessageContext {
  screen: Screen;
  format(): Format;
  interactive(): boolean;
  /** Whether a command may lease the terminal and draw. */
  fullScreen(): boolean;
  /** Whether standard output is coloured. */
  color(): boolean;
  /** Of standard error. */
  style(): Style;
  describeTarget(): Promise<Target>;
  progress(title: string): Progress;
}

/** Tells whether a form is read by a program: then standard error carries JSON alone. */
export function isMachine(format: Format): boolean {
  return format === 'json' || format === 'ndjson' || format === 'yaml';
}

/** Makes what a command uses to say things beside its data. */
export function createMessages(context: MessageContext): Output {
  const { screen } = context;
  const err = (text: string): void => screen.write(screen.err, text);
  const quiet = (): boolean => isMachine(context.format());
  const once = new Set<string>();
  return {
    get format() {
      return context.format();
    },
    get interactive() {
      return context.interactive();
    },
    get fullScreen() {
      return context.fullScreen();
    },
    get color() {
      return context.color();
    },
    async target(what, origin) {
      if (quiet()) return;
      const { context: name, server } = await context.describeTarget();
      const where = name === undefined ? server : `${name} (${server})`;
      err(`${context.style().dim(sanitise(`${what} on ${where}${origin === undefined ? '' : `, by ${origin}`}`))}\n`);
    },
    note(text) {
      if (quiet()) return;
      for (const line of sanitiseLines(text)) err(`${line}\n`);
    },
    warn(code, text) {
      // A warning that is met in a loop says nothing more the second time.
      if (once.has(`${code} ${text}`)) return;
      once.add(`${code} ${text}`);
      if (quiet()) return err(jsonLine({ level: 'warning', code, message: text }));
      const [first = '', ...more] = sanitiseLines(text);
      const style = context.style();
      err(`${style.yellow('warning:')} ${first} ${style.dim(`(${sanitise(code)})`)}\n`);
      for (const line of more) err(`  ${line}\n`);
    },
    line(text) {
      if (quiet()) return;
      for (const line of sanitiseLines(text)) err(`${line}\n`);
    },
    progress: (title) => context.progress(title),
  };
}
