import type { App, AppSettings, UpdateApp } from '@rig/plugin-api/max';
import { type MaxUnderFire, must } from './max-under-fire.ts';
import { Writer } from './writer.ts';

const APPS = '/v1/networks/base/apps';

/** Gives an app other settings and another name, several in one change. */
export class Settings {
  readonly #max: MaxUnderFire;
  readonly writer: Writer;
  #id = '';
  #count = 0;
  #open: number | undefined;

  constructor(max: MaxUnderFire) {
    this.#max = max;
    this.writer = new Writer(max);
  }

  async start(): Promise<void> {
    this.#id = (await this.#max.sure('POST', APPS, { name: nameOf(0) })).json.id;
    const { status, text } = await this.#max.sure('PATCH', `${APPS}/${nameOf(0)}`, changeOf(0));
    must(status === 200, `a change of settings was answered with ${status}: ${text}`);
  }

  /** Makes one change after the other until Max answers no more. */
  async work(): Promise<void> {
    for (;;) {
      this.#open = this.#count + 1;
      const reply = await this.writer.write('PATCH', `${APPS}/${nameOf(this.#count)}`, changeOf(this.#open));
      if (reply === undefined) return;
      this.#note(reply);
    }
  }

  /** The app has all of the last change, or, where one was not answered, all of that. */
  async check(): Promise<void> {
    await this.#compare([this.#count, ...(this.#open === undefined ? [] : [this.#open])]);
    const reply = await this.writer.repeat();
    if (reply !== undefined) this.#note(reply);
    await this.writer.checkAnswers();
    await this.#compare([this.#count]);
  }

  #note({ status, text }: { status: number; text: string }): void {
    must(status === 200, `a change of settings was answered with ${status}: ${text}`);
    this.#count = this.#open!;
    this.#open = undefined;
  }

  async #compare(counts: readonly number[]): Promise<void> {
    const found = (await this.#max.list<App>(APPS)).filter(({ id }) => id === this.#id);
    const shown = found.map(({ name, settings }) => JSON.stringify({ name, ...settingsOf(settings) })).join();
    const wanted = counts.map((count) => JSON.stringify(changeOf(count)));
    must(wanted.includes(shown), `the app has the settings ${shown}, and Max has acknowledged ${wanted.join(' or ')}`);
  }
}

const nameOf = (count: number): string => `settings-${count % 2}`;

/** Each has its count in all that it changes. */
function changeOf(count: number): UpdateApp {
  const seconds = (count % 500) + 1;
  return {
    name: nameOf(count),
    healthcheck: `/${count}`,
    healthTimeoutSeconds: seconds,
    drainTimeoutSeconds: seconds,
    stopTimeoutSeconds: seconds,
    logs: { maxBytes: 1_000_000 + count, maxAgeDays: seconds },
  };
}

function settingsOf({ healthcheck, healthTimeoutSeconds, drainTimeoutSeconds, stopTimeoutSeconds, logs }: AppSettings) {
  const { maxBytes, maxAgeDays } = logs;
  return { healthcheck, healthTimeoutSeconds, drainTimeoutSeconds, stopTimeoutSeconds, logs: { maxBytes, maxAgeDays } };
}
