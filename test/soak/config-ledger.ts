import type { ConfigChange, Deployment, Secret, Var } from '@rig/plugin-api/max';
import type { ChaosRandom } from '../support/chaos-random.ts';
import type { Reply } from '../unit/max/max-kit.ts';
import { DeploymentLedger } from './deployment-ledger.ts';
import { type MaxUnderFire, must } from './max-under-fire.ts';
import { Writer } from './writer.ts';

type Kind = 'var' | 'secret';
type Values = Readonly<Record<string, string>>;

/** A change that is asked for. */
interface Change {
  kind: Kind;
  set: Values;
  names: readonly string[];
}

const APP = '/v1/networks/base/apps/config';
const KINDS: readonly Kind[] = ['var', 'secret'];
const NAMES: Record<Kind, readonly string[]> = { var: ['V0', 'V1', 'V2', 'V3'], secret: ['S0', 'S1', 'S2', 'S3'] };

/** Tells the environment that it has, and of which release it is. */
const TREE = {
  'package.json': JSON.stringify({ scripts: { start: 'node server.js' } }),
  'server.js': `
    const { createServer } = require('node:http');
    const own = Object.entries(process.env).filter(([name]) => /^[VS]\\d$|^MAX_RELEASE$/.test(name));
    createServer((_, answer) => answer.end(JSON.stringify(Object.fromEntries(own)))).listen(process.env.PORT, '127.0.0.1');
  `,
};

const sameValues = (one: Values, other: Values): boolean => textOf(one) === textOf(other);
const textOf = (values: Values): string => JSON.stringify(Object.entries(values).sort());

/** A release that has served, with the values that it ran with. */
interface Served {
  version: number;
  values: Record<Kind, Values>;
}

/** Changes the vars and secrets of an app and rolls it back, and knows what each version of them, and each release, has. */
export class ConfigLedger {
  readonly #max: MaxUnderFire;
  readonly #random: ChaosRandom;
  readonly writer: Writer;
  readonly ledger: DeploymentLedger;
  /** By kind, what each version has. */
  readonly #versions: Record<Kind, Values[]> = { var: [{}], secret: [{}] };
  readonly #served: Served[] = [];
  /** The change that is not answered yet; where something else is not, there is none. */
  #open: Change | undefined;
  #count = 0;

  constructor(max: MaxUnderFire, random: ChaosRandom) {
    this.#max = max;
    this.#random = random;
    this.writer = new Writer(max);
    this.ledger = new DeploymentLedger(max, APP);
  }

  async start(): Promise<void> {
    await this.#max.sure('POST', '/v1/networks/base/apps', { name: 'config' });
    must((await this.ledger.deploy(this.writer, TREE)) !== undefined, 'config cannot be deployed');
    for (const ended of await this.ledger.settle()) this.#follow(ended);
    await this.check();
  }

  /** Makes one change after the other until Max answers no more. */
  async work(): Promise<void> {
    for (;;) {
      const what = this.#random.between(1, 8);
      const begun = await (what === 1 ? this.#again('rollback') : what === 2 ? this.#again('restart') : this.#change());
      if (begun === undefined) return;
      if (begun === null) continue;
      const ended = await this.ledger.ended();
      if (ended === undefined) return;
      this.#follow(ended);
    }
  }

  /** Compares with what Max said, brings to an end what it did not answer, and compares what the app runs with. */
  async check(): Promise<void> {
    await this.#checkRunning();
    for (const ended of await this.ledger.settle()) this.#follow(ended);
    // Of what was not answered it may have all or nothing.
    if (!this.writer.isOpen || this.#open !== undefined) await this.#checkHead(this.#open);
    const reply = await this.writer.repeat();
    if (reply !== undefined) this.#note(reply);
    for (const ended of await this.ledger.settle()) this.#follow(ended);
    await this.writer.checkAnswers();
    await this.#checkHead(undefined);
    const current = (await this.ledger.checkLists()).find((release) => release.current)!;
    const last = this.#served.at(-1)!;
    must(current.version === last.version, `v${current.version} of config serves, and not v${last.version}`);
    for (const [kind, version] of [
      ['var', current.vars],
      ['secret', current.secrets],
    ] as const)
      must(
        sameValues(this.#versions[kind][version] ?? {}, last.values[kind]),
        `v${current.version} of config has the ${kind}s of version ${version}, and ran with ${textOf(last.values[kind])}`,
      );
    await this.#checkRunning();
  }

  async #change(): Promise<Deployment | null | undefined> {
    const kind = this.#random.pick(KINDS);
    const there = Object.keys(this.#versions[kind].at(-1)!);
    const some = (names: readonly string[]): string[] => names.filter(() => this.#random.between(0, 1) === 1);
    const stage = this.#random.between(1, 5) <= 2;
    const names = this.#random.between(1, 4) === 1 ? some(there) : [];
    this.#count += 1;
    // What is set at once has one count in all of its values: half of it would be seen.
    const chosen = [...new Set([this.#random.pick(NAMES[kind]), ...some(NAMES[kind])])];
    const set = Object.fromEntries(chosen.map((name) => [name, `${name}-${this.#count}`]));
    this.#open = names.length > 0 ? { kind, set: {}, names } : { kind, set, names: [] };
    const reply =
      names.length > 0
        ? await this.writer.write('POST', `${APP}/${kind}s/delete`, { names, stage })
        : await this.writer.write('POST', `${APP}/${kind}s`, { values: set, stage });
    return reply === undefined ? undefined : this.#note(reply);
  }

  async #again(what: 'rollback' | 'restart'): Promise<Deployment | null | undefined> {
    const reply = await this.writer.write('POST', `${APP}/${what}`, what === 'rollback' ? {} : undefined);
    return reply === undefined ? undefined : this.#note(reply);
  }

  /** Notes what an answer acknowledges; gives the deployment that it begins, `null` for none. */
  #note({ status, json, text }: Reply): Deployment | null {
    const change = this.#open;
    this.#open = undefined;
    // There is no release to go back to at first.
    if (change === undefined && status === 404 && this.#served.length < 2) return null;
    must(status === 200 || status === 202, `a change of config was answered with ${status}: ${text}`);
    if (change === undefined) return this.ledger.note(json);
    const { version, deployment } = json as ConfigChange;
    this.#push(change.kind, changed(this.#head(change.kind), change));
    const wanted = this.#versions[change.kind].length - 1;
    must(version === wanted, `the ${change.kind}s of config are in version ${version}, and not in ${wanted}`);
    return deployment === null ? null : this.ledger.note(deployment);
  }

  /** Takes over what a deployment that has ended makes of the values. */
  #follow({ kind, state, release }: Deployment): void {
    if (state !== 'healthy') return;
    let values: Served['values'] = { var: this.#head('var'), secret: this.#head('secret') };
    if (kind === 'restart') values = this.#served.at(-1)!.values;
    if (kind === 'rollback') {
      values = this.#served.at(-2)!.values;
      for (const one of KINDS) this.#push(one, values[one]);
    }
    this.#served.push({ version: release!, values });
  }

  #head(kind: Kind): Values {
    return this.#versions[kind].at(-1)!;
  }

  #push(kind: Kind, values: Values): void {
    if (!sameValues(values, this.#head(kind))) this.#versions[kind].push(values);
  }

  /** What Max has must be what it said, or, where a change is open, all of that. */
  async #checkHead(open: Change | undefined): Promise<void> {
    for (const kind of KINDS) {
      const items = await this.#max.list<Var | Secret>(`${APP}/${kind}s`);
      const found = Object.fromEntries(items.map((item) => [item.name, 'value' in item ? item.value : '']));
      const shown = (values: Values): Values =>
        kind === 'var' ? values : Object.fromEntries(Object.keys(values).map((name) => [name, '']));
      const wanted = [this.#head(kind), ...(open?.kind === kind ? [changed(this.#head(kind), open)] : [])];
      must(
        wanted.some((values) => sameValues(shown(values), found)),
        `config has the ${kind}s ${textOf(found)}, and Max has acknowledged ${wanted.map(textOf).join(' or ')}`,
      );
    }
  }

  /** Whatever answers has the values of its release, never a mix. */
  async #checkRunning(): Promise<void> {
    const { status, text } = await this.#max.app('config.base');
    must(status === 200, `config answered ${status} though it serves: ${text}`);
    const { MAX_RELEASE, ...values } = JSON.parse(text) as Record<string, string>;
    const version = Number(MAX_RELEASE?.slice(1));
    const served = this.#served.find((one) => one.version === version);
    // It may serve before its deployment was asked for.
    if (served === undefined) return must(version > this.#served.at(-1)!.version, `config runs as ${MAX_RELEASE}`);
    const wanted = { ...served.values.var, ...served.values.secret };
    must(sameValues(values, wanted), `v${version} of config runs with ${textOf(values)}, not with ${textOf(wanted)}`);
  }
}

function changed(values: Values, { set, names }: Change): Values {
  const kept = Object.entries(values).filter(([name]) => !names.includes(name));
  return { ...Object.fromEntries(kept), ...set };
}
