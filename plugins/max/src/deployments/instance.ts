import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceFailureCode, Instance as InstanceView } from '@rig/plugin-api/max';
import type { EngineProcess, ExitStatus } from '../engine/engine.ts';
import { isPortFree } from '../engine/ports.ts';
import { LOOKED_AT, lastLines } from '../logs/last-lines.ts';
import { Target } from '../router/target.ts';
import { type Diagnosis, diagnose } from './exit-diagnosis.ts';
import { processTypeOf } from './formation.ts';
import { awaitHealthy, watchHealth } from './health-gate.ts';
import type { InstanceContext } from './instance-context.ts';
import { crashedAtStart, InstanceError, notStarted } from './instance-failure.ts';
import { type InstanceRow, noted } from './instance-rows.ts';
import { outputOf, prepareRun } from './instance-run.ts';
import { Trouble } from './instance-trouble.ts';
import type { Output } from './output.ts';
import { removeWhenEmpty } from './unstored-output.ts';
import { untilExit } from './until-exit.ts';

const PORT_ATTEMPTS = 3;

/** One copy of an app: starts it, watches it, starts it again after a crash, and ends it. */
export class Instance {
  readonly id: string;
  readonly name: string;
  /** Its process type. */
  readonly type: string;
  readonly version: number;
  /** Resolves when it is healthy for the first time; rejects when a start in the dark fails. */
  readonly ready: Promise<void>;
  readonly #context: InstanceContext;
  readonly #retired = new AbortController();
  readonly #hurry = new AbortController();
  #retirement: Promise<void> | undefined;
  #released = false;
  #ready!: { resolve: () => void; reject: (error: Error) => void };
  #state: InstanceView['state'] = 'starting';
  #process: EngineProcess | undefined;
  #output: Output | undefined;
  #target: Target | undefined;
  #port: number | null;
  #startedAt: string | null;
  #restarts: number;
  #lastExit: string | null;
  readonly #trouble = new Trouble();
  #life: Promise<void> = Promise.resolve();

  constructor(context: InstanceContext, row: InstanceRow) {
    this.#context = context;
    this.id = row.id;
    this.name = row.name;
    this.type = processTypeOf(row.name);
    this.version = row.version;
    this.#port = row.port;
    this.#startedAt = row.startedAt;
    this.#restarts = row.restarts;
    this.#lastExit = row.lastExit;
    this.ready = new Promise((resolve, reject) => {
      this.#ready = { resolve, reject };
    });
    this.ready.catch(() => {});
  }

  /** Starts it. In the dark a failure is final and told by `ready`; else it is tried again, ever more slowly. */
  launch(options: { dark: boolean }): void {
    this.#life = this.#live(options.dark, undefined, undefined);
  }

  /** Goes on with a process that an earlier Max started. */
  adopt(adopted: EngineProcess, run: number): void {
    const output = outputOf(this.#context, this, run);
    if (this.#port !== null) this.#context.ports.reserve(this.#port);
    this.#life = this.#live(false, adopted, output);
  }

  /** Where the router may send requests; `undefined` while it is not healthy. */
  get target(): Target | undefined {
    return this.#state === 'healthy' ? this.#target : undefined;
  }

  /** The instance as the contract has it. */
  get view(): InstanceView {
    return {
      name: this.name,
      process: this.type,
      state: this.#state,
      release: this.version,
      pid: this.#process?.record.pid ?? null,
      port: this.#process === undefined ? null : this.#port,
      startedAt: this.#startedAt,
      restarts: this.#restarts,
      lastExit: this.#lastExit,
      failure: this.#trouble.failure,
    };
  }

  /** Ends it for good: lets its requests finish, asks it to end, insists, and stores its last lines. */
  retire(drainMs: number): Promise<void> {
    this.#retirement ??= this.#retire(drainMs);
    return this.#retirement;
  }

  /** Ends it without a wait for its requests. */
  endNow(): Promise<void> {
    this.#hurry.abort();
    return this.retire(0);
  }

  /** Lets go of it without ending it: Max ends, the app does not. */
  async release(): Promise<void> {
    this.#released = true;
    this.#hurry.abort();
    this.#retired.abort();
    await this.#output?.stop();
    await this.#target?.destroy();
  }

  async #retire(drainMs: number): Promise<void> {
    const { rows } = this.#context;
    // Where it cannot be stored it ends all the same: whether it is wanted is stored with its app.
    noted(this.#context, this.id, () => rows.retire(this.id));
    const target = this.#target;
    target?.leave();
    this.#set('stopping');
    await target?.drained(drainMs, this.#hurry.signal);
    // Its row says that it is to end: the next Max does that.
    if (this.#released) return;
    this.#retired.abort();
    await this.#process?.stop(this.#context.tuning.graceMs);
    await this.#life;
    // Empty but for output that could not be stored.
    const removed = await removeWhenEmpty(join(this.#context.instancesFolder, this.id));
    // Its row goes when that is.
    if (removed) noted(this.#context, this.id, () => rows.remove(this.id));
    this.#set('stopped');
  }

  /** One process after the other, until it is retired. */
  async #live(dark: boolean, adopted: EngineProcess | undefined, output: Output | undefined): Promise<void> {
    const { signal } = this.#retired;
    let current = adopted;
    this.#process = adopted;
    this.#output = output;
    output?.start();
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        current ??= await this.#start();
      } catch (error) {
        const failure = notStarted(this.name, error as Error);
        if (dark) return this.#ready.reject(failure);
        this.#context.report(`${this.id} could not be started: ${(error as Error).message}`);
        this.#trouble.note(failure.instance, failure.what);
        await this.#pause();
        continue;
      }
      const began = Date.now();
      // Retired while it was being started: nobody else has this process to end it.
      if (signal.aborted && !this.#released) void current.stop(this.#context.tuning.graceMs);
      const failure = await this.#runOnce(current, dark && attempt <= PORT_ATTEMPTS).catch((error: Error) =>
        this.#lose(current!, error),
      );
      current = undefined;
      if (signal.aborted) return;
      if (failure === 'port-taken') continue;
      if (dark && failure !== undefined) return this.#ready.reject(failure);
      if (Date.now() - began >= this.#context.tuning.stableMs) this.#trouble.forget();
      dark = false;
      if (failure instanceof InstanceError) this.#trouble.note(failure.instance, failure.what);
      await this.#pause();
    }
  }

  async #start(): Promise<EngineProcess> {
    const { engine, rows, ports } = this.#context;
    if (this.#port !== null) ports.release(this.#port);
    this.#port = null;
    const { run, port, spec } = await prepareRun(this.#context, this);
    this.#port = port;
    const process = await engine.start(spec, (record) => {
      this.#startedAt = rows.started(this.id, record, port);
    });
    this.#process = process;
    this.#output = outputOf(this.#context, this, run);
    this.#output.start();
    this.#set('starting');
    return process;
  }

  /** Follows one process to its end; gives the failure when it never was healthy. */
  async #runOnce(process: EngineProcess, mayTakeOtherPort: boolean): Promise<Error | 'port-taken' | undefined> {
    const { tuning, log, healthcheck } = this.#context;
    const ended = new AbortController();
    const exited = process.exited.then((status) => {
      ended.abort();
      return status;
    });
    const seq = log.last;
    const lines = (): string[] => lastLines(log, this.name, seq);
    const port = this.#port;
    const stop = AbortSignal.any([ended.signal, this.#retired.signal]);
    const since = Date.parse(this.#startedAt ?? '');
    const app = `${this.#context.app.name}.${this.#context.app.network}`;
    const wait = { name: this.name, app, process, port, since, healthcheck, tuning, signal: stop, lines };
    const gate = await awaitHealthy(wait);
    if (gate.kind === 'healthy') {
      if (port !== null) {
        this.#target = new Target(this.name, gate.host!, port);
        watchHealth({ port, healthcheck, tuning, signal: stop, onChange: (failure) => this.#looked(failure) });
      }
      if (this.#trouble.failure !== null) this.#looked(undefined);
      this.#set('healthy');
      this.#ready.resolve();
    } else if (gate.kind === 'failed') {
      await process.stop(tuning.graceMs);
    }
    const status = await untilExit(exited, this.#retired.signal, () => this.#released);
    if (status === undefined) return undefined;
    const diagnosis = await this.#ended(status, seq);
    if (gate.kind === 'failed') return gate.error;
    if (gate.kind === 'healthy') {
      this.#trouble.note(diagnosis.code, `ended (${diagnosis.how})`);
      return undefined;
    }
    const mayAgain = mayTakeOtherPort && port !== null && !this.#retired.signal.aborted;
    if (mayAgain && !(await isPortFree(port))) return 'port-taken';
    return crashedAtStart({ name: this.name, port, diagnosis, lines: lines() });
  }

  /** Notes what a look at the instance found to have changed. */
  #looked(failure: { code: InstanceFailureCode; reason: string } | undefined): void {
    const { tell } = this.#context;
    const name = `${this.name} of v${this.version}`;
    if (failure === undefined) tell('instance.recovered', `${name} is healthy again`);
    else tell('instance.unhealthy', `${name} ${failure.reason} (${failure.code})`, failure.code);
    if (failure === undefined) this.#trouble.end();
    else this.#trouble.note(failure.code, failure.reason);
    this.#set(failure === undefined ? 'healthy' : 'unhealthy');
  }

  /** Something failed that concerns Max and not the app, such as its disk: the process ends, and the next may fare better. */
  async #lose(process: EngineProcess, error: Error): Promise<Error> {
    this.#context.report(`${this.id} is started again, as it could not be followed: ${error.message}`);
    await process.stop(this.#context.tuning.graceMs);
    this.#process = undefined;
    this.#target = undefined;
    this.#trouble.note('RIG_INSTANCE_CRASHED', `could not be followed: ${error.message}`);
    return error;
  }

  /** Puts away a process that has ended; gives why it has. */
  async #ended(status: ExitStatus, seq: number): Promise<Diagnosis> {
    const target = this.#target;
    this.#target = undefined;
    this.#process = undefined;
    if (this.#state !== 'stopping') {
      this.#restarts += 1;
      this.#set('backing-off');
    }
    this.#storeEnd(diagnose(status, []).how);
    void target?.destroy();
    if (this.#port !== null) this.#context.ports.release(this.#port);
    const output = this.#output;
    this.#output = undefined;
    if (output !== undefined && !(await output.finish())) this.#context.unstored.keep(output.source);
    // Its last words are in the log only now.
    const diagnosis = diagnose(status, lastLines(this.#context.log, this.name, seq, LOOKED_AT));
    if (diagnosis.how !== this.#lastExit) this.#storeEnd(diagnosis.how);
    return diagnosis;
  }

  #storeEnd(how: string): void {
    this.#lastExit = how;
    noted(this.#context, this.id, () => this.#context.rows.ended(this.id, how, this.#restarts));
  }

  /** Waits before the next start, longer with each crash. */
  async #pause(): Promise<void> {
    const { pauseMs, failure } = this.#trouble.retry(this.#context.tuning);
    this.#set('backing-off');
    const again = `it starts again in ${pauseMs / 1000} s (${failure.code})`;
    this.#context.tell(
      'instance.crashed',
      `${this.name} of v${this.version} ${failure.reason}; ${again}`,
      failure.code,
    );
    await delay(pauseMs, undefined, { signal: this.#retired.signal, ref: false }).catch(() => {});
    this.#trouble.started();
  }

  #set(state: InstanceView['state']): void {
    if (this.#state === 'stopping' && state !== 'stopped') return;
    this.#state = state;
    this.#context.changed();
  }
}
