import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosRandom } from '../support/chaos-random.ts';
import { processesOf } from './app-processes.ts';
import { DeploymentLedger } from './deployment-ledger.ts';
import { appTree } from './deploys.ts';
import { eventually, type MaxUnderFire, must } from './max-under-fire.ts';
import { Writer } from './writer.ts';

const APPS = '/v1/networks/many/apps';

/** An app at most may be deployed for that long before it is deleted. */
const DEPLOYED_MS = 800;

/** Makes apps, deploys them, and deletes them with all that they have, whether their deployment has ended or not. */
export class Removals {
  readonly #max: MaxUnderFire;
  readonly #random: ChaosRandom;
  readonly writer: Writer;
  #count = 0;
  /** The app at hand: its name, and its id once that is known. */
  #name = '';
  #id = '';
  #step: 'making' | 'there' | 'removing' | 'gone' = 'gone';
  /** Those whose end was acknowledged since the last check. */
  #gone: Array<{ name: string; id: string }> = [];
  removed = 0;

  constructor(max: MaxUnderFire, random: ChaosRandom) {
    this.#max = max;
    this.#random = random;
    this.writer = new Writer(max);
  }

  /** Makes and deletes one app after the other until Max answers no more. */
  async work(): Promise<void> {
    for (;;) {
      this.#count += 1;
      this.#name = `gone-${this.#count}`;
      this.#step = 'making';
      const made = await this.writer.write('POST', APPS, { name: this.#name });
      if (made === undefined) return;
      this.#made(made.json.id);
      const path = `${APPS}/${this.#name}`;
      const set = await this.writer.write('POST', `${path}/vars`, { values: { COUNT: `${this.#count}` } });
      if (set === undefined) return;
      const ledger = new DeploymentLedger(this.#max, path);
      if ((await ledger.deploy(this.writer, appTree(this.#name))) === undefined) return;
      if (this.#random.between(0, 1) === 0) await ledger.ended();
      else await delay(this.#random.between(0, DEPLOYED_MS));
      this.#step = 'removing';
      const removed = await this.writer.write('DELETE', path);
      if (removed === undefined) return;
      must(removed.status === 204, `deleting ${this.#name} was answered with ${removed.status}: ${removed.text}`);
      this.#forget();
    }
  }

  /** What was deleted is gone with its processes and files; what was not is there, and is deleted now. */
  async check(): Promise<void> {
    const path = `${APPS}/${this.#name}`;
    const found = await this.#max.sure('GET', path);
    if (this.#step === 'there')
      must(found.status === 200, `${this.#name} was acknowledged and is not there: ${found.text}`);
    const reply = await this.writer.repeat();
    if (this.#step === 'making') this.#made(reply!.json.id);
    if (this.#step === 'removing') {
      // A removal that had begun is brought to its end by itself.
      must(
        [204, 404].includes(reply!.status),
        `deleting ${this.#name} was answered with ${reply!.status}: ${reply!.text}`,
      );
      this.#forget();
    }
    await this.writer.checkAnswers();
    if (this.#step === 'there') {
      const removed = await this.#max.sure('DELETE', path);
      must(removed.status === 204, `deleting ${this.#name} was answered with ${removed.status}: ${removed.text}`);
      this.#forget();
    }
    for (const { name, id } of this.#gone) await this.#checkGone(name, id);
    this.#gone = [];
  }

  async #checkGone(name: string, id: string): Promise<void> {
    const { status } = await this.#max.sure('GET', `${APPS}/${name}`);
    must(status === 404, `${name} was deleted and is there again`);
    await eventually(`${name} (${id}) was deleted`, async () => {
      const running = processesOf(this.#max.dir, id) ?? [];
      const folders = [join('apps', id), join('logs', id), join('logs', 'apps', id)].filter((folder) =>
        existsSync(join(this.#max.dir, folder)),
      );
      return running.length + folders.length === 0 ? { found: true } : `still there: ${[...running, ...folders]}`;
    });
  }

  #made(id: string): void {
    this.#id = id;
    this.#step = 'there';
  }

  #forget(): void {
    this.#step = 'gone';
    this.#gone.push({ name: this.#name, id: this.#id });
    this.removed += 1;
  }
}
