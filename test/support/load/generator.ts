import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { echoSocket } from './echo-socket.ts';
import { type Kind, POSTING, SEND, SHARES } from './kinds.ts';
import type { FromGenerator, LoadPlan, LoadReport, ToGenerator } from './load.ts';

const TICK_MS = 20;
/** More at once than this means that the machine, or Max, does not keep up: none is begun then, and that is said. */
const AT_ONCE = 1_500;
/** Failures that are told whole; all are counted. */
const TOLD = 50;

/** Sends requests at a steady rate, whether they are answered or not, until it is told to stop. */
class Generator {
  readonly #plan: LoadPlan;
  readonly #began = Date.now();
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #posted: string[] = [];
  readonly #releases = new Set<string>();
  readonly report: LoadReport = {
    answered: 0,
    lost: 0,
    heldBack: 0,
    echoes: 0,
    farewells: 0,
    byKind: {},
    failures: [],
    releases: [],
    posted: [],
    seconds: 0,
  };

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    // Each of the sockets waits for it.
    setMaxListeners(plan.sockets, this.#stop.signal);
  }

  async run(): Promise<LoadReport> {
    const sockets = Array.from({ length: this.#plan.sockets }, () => this.#keepSocket());
    let due = 0;
    let before = Date.now();
    for (let count = 0; !this.#stop.signal.aborted; ) {
      const now = Date.now();
      due += ((now - before) / 1000) * this.#plan.rate;
      before = now;
      for (; due >= 1; due -= 1) {
        if (this.#underWay.size < AT_ONCE) this.#begin(kindOf((count * 0.618_034) % 1), String(++count));
        else this.report.heldBack += 1;
      }
      await delay(TICK_MS);
    }
    this.report.seconds = (Date.now() - this.#began) / 1000;
    await Promise.all([...this.#underWay, ...sockets]);
    return { ...this.report, posted: this.#posted, releases: [...this.#releases] };
  }

  stop(): void {
    this.#stop.abort();
  }

  #begin(kind: Kind, id: string): void {
    const run = SEND[kind](this.#plan, id).then(
      (release) => {
        this.report.answered += 1;
        this.report.byKind[kind] = (this.report.byKind[kind] ?? 0) + 1;
        this.#releases.add(release);
        if (POSTING.has(kind)) this.#posted.push(id);
      },
      (error: Error) => this.#lose(kind, id, error.message),
    );
    this.#underWay.add(run);
    void run.finally(() => this.#underWay.delete(run));
  }

  async #keepSocket(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const { release, echoes, why } = await echoSocket(this.#plan, signal);
      this.report.echoes += echoes;
      if (release !== '') this.#releases.add(release);
      if (why !== undefined) {
        this.#lose('socket', release, why);
        await delay(500);
      } else if (!signal.aborted) this.report.farewells += 1;
    }
  }

  #lose(kind: string, id: string, why: string): void {
    this.report.lost += 1;
    if (this.report.failures.length < TOLD)
      this.report.failures.push({ kind, id, atMs: Date.now() - this.#began, why });
  }
}

/** The kind at a point between 0 and 1, spread by the golden ratio so that all are mixed at any time. */
function kindOf(point: number): Kind {
  let end = 0;
  for (const [kind, share] of Object.entries(SHARES)) {
    end += share;
    if (point < end) return kind as Kind;
  }
  return 'quick';
}

const tell = (message: FromGenerator): boolean => process.send!(message);
let generator: Generator | undefined;
process.on('disconnect', () => process.exit(1));
process.on('message', async (message: ToGenerator) => {
  if (message.kind === 'stop') return generator?.stop();
  generator = new Generator(message.plan);
  const { report } = generator;
  const ticker = setInterval(() => tell({ kind: 'progress', answered: report.answered + report.lost }), 100);
  const whole = await generator.run();
  clearInterval(ticker);
  process.send!({ kind: 'report', report: whole } satisfies FromGenerator, () => process.exit(0));
});
