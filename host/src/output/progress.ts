import { formatBytes, type Progress, sanitise } from '@rig/plugin-api';
import type { Screen } from './screen.ts';

/** Milliseconds between two pictures of a bar, and between two plain lines. */
const FRAME_MS = 100;
const LINE_MS = 5000;
const BAR = 24;

interface State {
  title: string;
  current: number;
  total: number | undefined;
  unit: 'bytes' | 'items';
  changed: boolean;
}

/** How progress is shown: drawn on a terminal, told every few seconds, or not at all. */
export type ProgressMode = 'bar' | 'lines' | 'silent';

/** The progress displays of a command; the newest that is not done is the one shown. */
export class ProgressBoard {
  #running: State[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly screen: Screen,
    private readonly mode: () => ProgressMode,
  ) {}

  /** Starts a display. */
  start(title: string): Progress {
    const mode = this.mode();
    if (mode === 'silent') return { update() {}, done() {} };
    const state: State = { title: sanitise(title), current: 0, total: undefined, unit: 'items', changed: true };
    this.#running.push(state);
    // Unref'd: a display that nobody ended must not keep rig alive.
    this.#timer ??= setInterval(() => this.#show(mode), mode === 'bar' ? FRAME_MS : LINE_MS).unref();
    if (mode === 'bar') this.#show(mode);
    return {
      update: (current, total, unit = 'items') => {
        Object.assign(state, { current, total, unit, changed: true });
      },
      done: (text) => {
        if (!this.#running.includes(state)) return;
        this.#remove(state);
        const said = text === undefined ? `${state.title}: done${amount(state, ', ')}` : sanitise(text);
        this.screen.write(this.screen.err, `${said}\n`);
      },
    };
  }

  /** Ends every display that was left running. */
  stop(): void {
    for (const state of [...this.#running]) this.#remove(state);
  }

  #remove(state: State): void {
    this.#running = this.#running.filter((other) => other !== state);
    if (this.#running.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.screen.erase();
  }

  #show(mode: ProgressMode): void {
    const state = this.#running.at(-1);
    if (!state) return;
    // A bar is drawn again even unchanged: a line that was printed meanwhile took it away.
    if (mode === 'bar') this.screen.status(barText(state));
    else if (state.changed) this.screen.write(this.screen.err, `${state.title}: ${lineText(state)}\n`);
    state.changed = false;
  }
}

const share = ({ current, total }: State): number => (total ? Math.min(1, Math.max(0, current / total)) : 0);

function barText(state: State): string {
  if (state.total === undefined) return `${state.title}${amount(state, '  ')}`;
  const full = Math.round(share(state) * BAR);
  return `${state.title}  [${'#'.repeat(full)}${'-'.repeat(BAR - full)}] ${percent(state)}${amount(state, '  ')}`;
}

const lineText = (state: State): string =>
  state.total === undefined ? amount(state, '') || 'working' : `${percent(state)}${amount(state, ', ')}`;

const percent = (state: State): string => `${Math.floor(share(state) * 100)}%`;

function amount({ current, total, unit }: State, before: string): string {
  if (current === 0 && !total) return '';
  if (unit === 'items') return `${before}${current}${total === undefined ? '' : ` of ${total}`}`;
  return `${before}${formatBytes(current)}${total === undefined ? '' : ` of ${formatBytes(total)}`}`;
}
