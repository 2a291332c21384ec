import { StringDecoder } from 'node:string_decoder';
import { sanitiseLine } from '@rig/plugin-api';

/** What is let through: colours, what moves within a line or to the next one, and what clears the rest of a line. */
const OBEYED = /(\x1b\[[0-9;:]{0,64}m|\x1b\[0?K|[\r\n])/;
/** What may become one of them when more comes. */
const BEGUN = /\x1b(?:\[[0-9;:]{0,64})?$/;
/** What moves the cursor about the screen, erases, or changes how the terminal works. */
const DRAWING = /\x1b\[[?>\d;]*[A-HJKfhlr]/;
const RESET = '\x1b[0m';

/**
 * Makes what a remote program writes fit for a terminal: colours stay, everything else that a terminal would obey is written
 * out, such as a title, a jump of the cursor or an answer that the terminal would type. Colours end with the output.
 */
export class TerminalText {
  readonly #decoder = new StringDecoder('utf8');
  /** Whether something was written out that would have drawn on the screen. */
  drew = false;
  #begun = '';
  #coloured = false;

  /** What is to be shown of a piece; the beginning of a character or of a colour waits for its rest. */
  push(bytes: Buffer): string {
    return this.#show(this.#begun + this.#decoder.write(bytes), false);
  }

  /** What is left, once nothing more comes. */
  end(): string {
    const rest = this.#show(this.#begun + this.#decoder.end(), true);
    return this.#coloured ? rest + RESET : rest;
  }

  #show(text: string, isLast: boolean): string {
    const begun = isLast ? undefined : BEGUN.exec(text);
    this.#begun = begun?.[0] ?? '';
    const whole = this.#begun === '' ? text : text.slice(0, -this.#begun.length);
    return whole
      .split(OBEYED)
      .map((part, at) => {
        if (at % 2 === 0) {
          this.drew ||= DRAWING.test(part);
          return sanitiseLine(part);
        }
        if (part.endsWith('m')) this.#coloured = !/^\x1b\[0*m$/.test(part);
        return part;
      })
      .join('');
  }
}
