import { randomUUID } from 'node:crypto';
import { type MaxUnderFire, must } from './max-under-fire.ts';

type Fate = 'there' | 'gone' | 'making' | 'removing';

/** Makes and deletes apps while Max is killed, and holds Max to what it has acknowledged. */
export class Ledger {
  readonly #max: MaxUnderFire;
  readonly #network: string;
  readonly #fates = new Map<string, Fate>();
  /** Each app's key, under which its making is repeated until it is answered. */
  readonly #keys = new Map<string, string>();
  readonly #ids = new Map<string, string>();
  #count = 0;
  acknowledged = 0;

  constructor(max: MaxUnderFire, network: string) {
    this.#max = max;
    this.#network = network;
  }

  /** Makes one app after the other, and deletes every other one, until Max answers no more. */
  async work(): Promise<void> {
    for (;;) {
      this.#count += 1;
      const name = `app-${this.#count}`;
      this.#keys.set(name, randomUUID());
      if (!(await this.#make(name))) return;
      if (this.#count % 2 === 0 && !(await this.#remove(name))) return;
    }
  }

  /** Compares what Max has with what it said, and brings to an end what it did not answer. */
  async check(): Promise<void> {
    for (const [name, fate] of this.#fates) {
      const found = await this.#max.sure('GET', this.#path(name));
      const whole = found.status === 200 || found.status === 404;
      must(whole, `GET of ${name} was answered with ${found.status}: ${found.text}`);
      if (fate === 'there') must(found.status === 200, `${name} was acknowledged and is not there`);
      if (fate === 'gone') must(found.status === 404, `${name} was deleted and is there again`);
      // What was not acknowledged may have happened or not: asked once more it must be the same thing, once.
      if (fate === 'making') must(await this.#make(name), `${name} cannot be made once more`);
      if (fate === 'removing' && found.status === 200) must(await this.#remove(name), `${name} cannot be deleted`);
      if (fate === 'removing') this.#fates.set(name, 'gone');
    }
    // What was answered is answered the same under its key, and is not made twice.
    const last = [...this.#fates].findLast(([, fate]) => fate === 'there')?.[0];
    if (last !== undefined) must(await this.#make(last), `${last} cannot be asked for again`);
    const listed = await this.#list();
    const wanted = [...this.#fates].filter(([, fate]) => fate === 'there').map(([name]) => name);
    must(
      JSON.stringify(listed.sort()) === JSON.stringify(wanted.sort()),
      `Max lists ${listed.join(' ')} and has acknowledged ${wanted.join(' ')}`,
    );
    // What is checked and gone needs no more looks; what is there is deleted, so that a long run stays quick.
    for (const name of wanted.slice(20)) must(await this.#remove(name), `${name} cannot be deleted`);
    for (const [name, fate] of this.#fates) if (fate === 'gone') this.#fates.delete(name);
  }

  async #make(name: string): Promise<boolean> {
    this.#fates.set(name, 'making');
    const reply = await this.#max.ask('POST', `/v1/networks/${this.#network}/apps`, { name }, this.#keys.get(name));
    if (reply === undefined) return false;
    must(reply.status === 201, `making ${name} was answered with ${reply.status}: ${reply.text}`);
    this.acknowledged += 1;
    this.#fates.set(name, 'there');
    const id = this.#ids.get(name) ?? reply.json.id;
    must(id === reply.json.id, `${name} was made as ${id}, and under the same key as ${reply.json.id}`);
    this.#ids.set(name, id);
    return true;
  }

  async #remove(name: string): Promise<boolean> {
    this.#fates.set(name, 'removing');
    const reply = await this.#max.ask('DELETE', this.#path(name));
    if (reply === undefined) return false;
    must(reply.status === 204, `deleting ${name} was answered with ${reply.status}: ${reply.text}`);
    this.acknowledged += 1;
    this.#fates.set(name, 'gone');
    return true;
  }

  async #list(): Promise<string[]> {
    const apps = await this.#max.list<{ name: string }>(`/v1/networks/${this.#network}/apps`);
    return apps.map(({ name }) => name).filter((name) => name.startsWith('app-'));
  }

  #path(name: string): string {
    return `/v1/networks/${this.#network}/apps/${name}`;
  }
}
