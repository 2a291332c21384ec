import { type IPty, spawn } from '@lydell/node-pty';

/** Milliseconds after which an echo is not going to come. */
const patienceMs = 10_000;

/** A program in a terminal, to which keys are typed one at a time. */
export class Typist {
  readonly #pty: IPty;
  #heard = '';
  #wake: () => void = () => {};

  constructor(args: readonly string[], env: Record<string, string>) {
    this.#pty = spawn(process.execPath, [...args], { name: 'xterm', cols: 80, rows: 24, env });
    this.#pty.onData((data) => {
      this.#heard += data;
      this.#wake();
    });
  }

  /** Waits for a text, and forgets what came up to its end. */
  async hears(text: string): Promise<void> {
    const timer = setTimeout(() => this.#wake(), patienceMs);
    const begun = performance.now();
    while (!this.#heard.includes(text)) {
      if (performance.now() - begun >= patienceMs)
        throw new Error(`${JSON.stringify(text)} did not come, but ${this.#heard}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(timer);
    this.#heard = this.#heard.slice(this.#heard.indexOf(text) + text.length);
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  /** Types a key; gives the milliseconds until the program has echoed it. */
  async echo(key: string): Promise<number> {
    const begun = performance.now();
    this.type(key);
    await this.hears(key);
    return performance.now() - begun;
  }

  end(): void {
    this.#pty.kill('SIGKILL');
  }
}
