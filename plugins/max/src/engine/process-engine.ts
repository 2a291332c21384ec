import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AdoptedEnds } from './adopted-ends.ts';
import {
  type Engine,
  type EngineProcess,
  type ExitStatus,
  MARK,
  type ProcessRecord,
  type StartSpec,
} from './engine.ts';
import { OomKills, type OomKillsOf } from './oom-kills.ts';
import { openPortsOf } from './open-ports.ts';
import { withoutTerminals } from './open-terminals.ts';
import { identityOf, processesOf, signalGroup, signalProcess } from './process-table.ts';
import type { Leader, Usage } from './usage.ts';
import { usageMeter } from './usage-meter.ts';

/**
 * Waits for a word on stdin before it becomes the app. When Max is killed before it has stored the process, the word never
 * comes, and nothing of the app has run. The app itself gets no pipe: its stdin is /dev/null.
 */
const LAUNCHER = 'IFS= read -r MAX_GO || exit 125; exec "$@" </dev/null';
const KILLED_WAIT_MS = 5_000;

/** Names of an instance's output files, in its folder. */
export const OUTPUT_FILES = { stdout: 'stdout.log', stderr: 'stderr.log' } as const;

/** Runs instances as child processes, each the leader of a session of its own, with files for output: they outlive Max. */
export class ProcessEngine implements Engine {
  readonly name = 'process';
  readonly #meter = usageMeter();
  readonly #oomKills = new OomKills();
  readonly #ends = new AdoptedEnds();

  async start(spec: StartSpec, store: (record: ProcessRecord) => void): Promise<EngineProcess> {
    mkdirSync(spec.folder, { recursive: true, mode: 0o700 });
    const stdout = openSync(join(spec.folder, OUTPUT_FILES.stdout), 'a', 0o600);
    const stderr = openSync(join(spec.folder, OUTPUT_FILES.stderr), 'a', 0o600);
    let child: ChildProcess;
    try {
      child = spawn('/bin/sh', ['-c', LAUNCHER, 'max-launch', ...spec.command], {
        cwd: spec.cwd,
        env: { ...spec.env, [MARK]: spec.id },
        detached: true,
        stdio: withoutTerminals(['pipe', stdout, stderr]),
      });
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
    const exited = exitOf(child);
    exited.catch(() => {});
    await once(child, 'spawn');
    child.unref();
    const identity = identityOf(child.pid!);
    // Gone already: the launcher waits, so somebody ended it. Its exit tells the rest.
    const record: ProcessRecord = { pid: child.pid!, identity: identity ?? 'ended' };
    try {
      store(record);
    } catch (error) {
      signalGroup(record.pid, 'SIGKILL');
      throw error;
    }
    child.stdin!.on('error', () => {});
    child.stdin!.end('go\n');
    return new OwnProcess(spec.id, record, exited, this.#oomKills.of(record.pid));
  }

  adopt(id: string, record: ProcessRecord): EngineProcess | undefined {
    if (identityOf(record.pid) !== record.identity) return undefined;
    const exited = this.#ends.endOf(record).then(() => ({ code: null, signal: null }));
    return new OwnProcess(id, record, exited, this.#oomKills.of(record.pid));
  }

  async sweep(...ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const pids = processesOf(ids);
      if (pids.length === 0) return;
      for (const pid of pids) signalProcess(pid, 'SIGKILL');
      await delay(20 * (attempt + 1));
    }
  }

  usage(leaders: readonly Leader[]): Promise<ReadonlyMap<string, Usage>> {
    return this.#meter.look(leaders);
  }
}

class OwnProcess implements EngineProcess {
  readonly record: ProcessRecord;
  readonly exited: Promise<ExitStatus>;
  readonly #id: string;
  #ended = false;
  #killed = false;

  constructor(id: string, record: ProcessRecord, exited: Promise<Exit>, oomKills: OomKillsOf) {
    this.#id = id;
    this.record = record;
    // What the leader leaves behind holds its port and writes to its log: it goes too.
    this.exited = exited
      .then(async (exit) => {
        this.#ended = true;
        const oomKilled = wasKilled(exit) && !this.#killed && oomKills.rose();
        await this.#killRest();
        return { ...exit, oomKilled };
      })
      .finally(() => oomKills.close());
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#signal('SIGTERM') && !(await settles(this.exited, graceMs))) {
      this.#killed = true;
      this.#signal('SIGKILL');
    }
    await settles(this.exited, KILLED_WAIT_MS);
  }

  async openPorts(): Promise<number[] | undefined> {
    return openPortsOf(processesOf(this.#id, this.#ended ? undefined : this.record.pid));
  }

  /** Signals the group while its leader is there: later its number may be a stranger's. */
  #signal(signal: NodeJS.Signals): boolean {
    return !this.#ended && identityOf(this.record.pid) === this.record.identity && signalGroup(this.record.pid, signal);
  }

  async #killRest(): Promise<void> {
    const deadline = Date.now() + KILLED_WAIT_MS;
    for (let rest = processesOf(this.#id); rest.length > 0 && Date.now() < deadline; rest = processesOf(this.#id)) {
      for (const pid of rest) signalProcess(pid, 'SIGKILL');
      await delay(20);
    }
  }
}

type Exit = Pick<ExitStatus, 'code' | 'signal'>;

/** By SIGKILL, or its shell was told of one. */
const wasKilled = ({ code, signal }: Exit): boolean => signal === 'SIGKILL' || code === 137;

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', reject);
  });
}

async function settles(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const result = await Promise.race([promise.then(() => true), late]);
  timer.abort();
  return result;
}
