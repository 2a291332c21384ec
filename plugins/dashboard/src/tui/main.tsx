import { setTimeout as delay } from 'node:timers/promises';
import { isRigError, type Services, type TerminalLease } from '@rig/plugin-api';
import { render } from 'ink';
import type { LiveDashboard } from '../model/live-dashboard.ts';
import type { DashboardApp } from '../model/snapshot.ts';
import { paced } from '../pace.ts';
import { type Child, knowsCommand, startRig } from './child.ts';
import { Controller } from './controller.ts';
import { pressed } from './keys.ts';
import { InkOutput, KeyInput } from './lease-streams.ts';
import { Painter } from './painter.ts';
import { Screen } from './screen.tsx';
import { makeTheme, speaksUnicode } from './theme.ts';

/** So often the screen is drawn for what Max tells; keys are answered at once. */
const MODEL_FRAME_MS = 200;
/** A shell that ends badly so soon was none: why is to be read. */
const AT_ONCE_MS = 3000;

/** What a program that was killed may have left on: its screen, mouse, paste marks, keys, region, colours, no cursor. */
const AS_AT_FIRST =
  '\x1b[?1049l\x1b[?9;1000;1002;1003;1004;1006;2004l\x1b[?1l\x1b>\x1b7\x1b[r\x1b8\x1b(B\x0f\x1b[4l\x1b[0m\x1b[?7h\x1b[?25h';

/** Shows the dashboard on the terminal until the user quits or the command is ended. */
export async function runTui(services: Services, dashboard: LiveDashboard): Promise<void> {
  const lease = await services.lease();
  const tui = new Tui(services, dashboard, lease);
  try {
    await tui.run();
  } finally {
    await tui.close();
    dashboard.stop();
    await lease.release();
  }
  if (services.signal.aborted && isRigError(services.signal.reason)) throw services.signal.reason;
}

class Tui {
  readonly #services: Services;
  readonly #dashboard: LiveDashboard;
  readonly #lease: TerminalLease;
  readonly #painter: Painter;
  readonly #input: KeyInput;
  readonly #output: InkOutput;
  readonly #controller: Controller;
  readonly #cleanups: Array<() => void> = [];
  #quit: () => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #isOver = false;
  #hasShell = false;
  #child: Child | undefined;

  constructor(services: Services, dashboard: LiveDashboard, lease: TerminalLease) {
    this.#services = services;
    this.#dashboard = dashboard;
    this.#lease = lease;
    const size = (): { columns: number; rows: number } => lease.size();
    this.#painter = new Painter({ write: (data) => lease.write(data), size });
    this.#output = new InkOutput(size);
    this.#controller = new Controller(
      dashboard,
      {
        quit: () => this.#quit(),
        redraw: () => this.#redraw(),
        suspend: () => lease.suspend(),
        logs: (app) => void this.#runChild(['logs', 'app', `${app.app}.${app.network}`], false).catch(this.#fail),
        shell: (app) => {
          if (this.#hasShell) void this.#runChild(shellOf(app), true).catch(this.#fail);
        },
      },
      size,
    );
    this.#input = new KeyInput(lease, {
      key: (key) => {
        const one = pressed(key);
        if (one !== undefined && this.#child === undefined) this.#controller.press(one);
      },
      end: () => this.#quit(),
    });
  }

  async run(): Promise<void> {
    const { signal, runtime } = this.#services;
    const done = new Promise<void>((resolve, reject) => {
      this.#quit = () => {
        this.#isOver = true;
        resolve();
      };
      this.#fail = (error) => {
        this.#isOver = true;
        reject(error);
      };
    });
    this.#dashboard.ended.then(this.#quit, this.#fail);
    // At once, before anything that is told of the end is printed: it must not be on a screen that goes away.
    const stop = (): void => {
      this.#child?.end();
      this.#painter.leave();
      this.#quit();
    };
    signal.addEventListener('abort', stop, { once: true });
    this.#cleanups.push(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) return;
    void knowsCommand(runtime.self, ['shell']).then((has) => {
      this.#hasShell = has;
      this.#controller.refresh();
    });
    this.#lease.setRawMode(true);
    this.#painter.enter();
    this.#follow();
    const ink = this.#mount();
    ink.waitUntilExit().catch(this.#fail);
    this.#cleanups.push(() => ink.unmount());
    await done;
  }

  /** Gives everything back; a shell or a log that has the terminal is not taken from under its reader by an error. */
  async close(): Promise<void> {
    await this.#child?.ended;
    this.#painter.leave();
    for (const cleanup of this.#cleanups.splice(0).reverse()) cleanup();
    this.#input.close();
    this.#lease.setRawMode(false);
  }

  #mount(): ReturnType<typeof render> {
    const { env } = this.#services.runtime;
    const theme = makeTheme({ unicode: speaksUnicode(env), color: this.#services.output.color });
    const screen = (
      <Screen
        {...{ dashboard: this.#dashboard, controller: this.#controller, theme }}
        size={() => this.#lease.size()}
        hasShell={() => this.#hasShell}
        draw={(lines) => this.#painter.draw(lines)}
      />
    );
    return render(screen, {
      stdin: this.#output as unknown as NodeJS.ReadStream,
      stdout: this.#output as unknown as NodeJS.WriteStream,
      stderr: this.#output as unknown as NodeJS.WriteStream,
      // No pace of its own: what is drawn, and when, is decided here.
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
  }

  /** Draws what the model tells, not more often than eyes can follow, and the whole anew when the size has changed. */
  #follow(): void {
    const refresh = paced(MODEL_FRAME_MS, () => {
      if (this.#child === undefined) this.#controller.refresh();
    });
    const stopModel = this.#dashboard.onChange(refresh);
    const stopSize = this.#lease.onResize(() => this.#redraw());
    this.#cleanups.push(stopModel, stopSize, refresh.stop);
  }

  #redraw(): void {
    if (this.#child !== undefined) return;
    this.#painter.forget();
    this.#output.emit('resize');
    this.#controller.refresh();
  }

  /** Gives the terminal to another command of rig, and takes it back when that has ended. */
  async #runChild(args: readonly string[], reads: boolean): Promise<void> {
    if (this.#child !== undefined) return;
    const { context } = this.#dashboard.snapshot();
    this.#painter.leave();
    const all = context === null ? args : [...args, '--context', context];
    this.#input.close();
    // Raw still: Ctrl-C is a key here, and does not end the dashboard along with what runs in its place.
    const takeBack = this.#lease.lend();
    const child = startRig(this.#services.runtime.self, all, reads);
    this.#child = child;
    const began = performance.now();
    let interrupted = false;
    const keys = (chunk: Buffer | string): void => {
      if (!/[\x03\x1bq]/.test(String(chunk))) return;
      interrupted = true;
      child.interrupt();
    };
    const { stdin } = this.#lease;
    if (!reads) stdin.on('data', keys).resume();
    const { code, signal } = await child.ended;
    takeBack();
    stdin.off('data', keys).pause();
    if (signal !== null) await this.#lease.write(`${AS_AT_FIRST}\r\nrig ${args[0]} was ended by ${signal}.`);
    if (this.#isOver) return;
    // The mode that the other left behind is not known.
    this.#lease.setRawMode(true);
    const isShort = performance.now() - began < AT_ONCE_MS;
    const isBad = code !== 0 && !interrupted;
    if (isBad && (signal !== null || isShort || !reads)) await this.#anyKey();
    this.#child = undefined;
    this.#input.open();
    this.#painter.enter();
    this.#redraw();
  }

  /** What went wrong can be read before the dashboard covers it. */
  async #anyKey(): Promise<void> {
    await this.#lease.write('\r\nPress any key to go back to the dashboard.');
    const { stdin } = this.#lease;
    const stop = new AbortController();
    const ending = AbortSignal.any([this.#services.signal, stop.signal]);
    const press = (): void => stop.abort();
    stdin.on('data', press).resume();
    // Waits for a key or the end, whichever comes first.
    await delay(2 ** 31 - 1, undefined, { signal: ending }).catch(() => {});
    stdin.off('data', press).pause();
  }
}

const shellOf = ({ app, network }: DashboardApp): string[] => ['shell', '--app', `${app}.${network}`];
