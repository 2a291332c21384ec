import { ChaosProxy } from './chaos-proxy.ts';
import type { ChaosScenario } from './chaos-scenarios.ts';
import type { RunningMax } from './max.ts';
import { type OutputLines, outputLines } from './output-lines.ts';
import { spawnRig } from './rig.ts';

/** What a client does while its network fails. */
export interface ChaosWork {
  /** The command, which goes on until it is interrupted, or ends by itself. */
  args: (scenario: ChaosScenario) => readonly string[];
  /** Where it tells what it has got. */
  tells: 'stdout' | 'stderr';
  /** What every client has to tell before anything happens at Max. */
  first: string | RegExp;
  /** Something happens at Max; gives what has to be told of it. */
  happen: () => Promise<string | RegExp>;
  /** The clients end by themselves once this has happened; else they are interrupted. */
  finish?: () => Promise<void>;
}

/** How a client fared. */
export interface ChaosOutcome {
  scenario: string;
  exitCode: number | undefined;
  /** Every line that it told. */
  told: readonly string[];
  /** Whether it said that its connection was lost, and is back. */
  recovered: boolean;
  /** Connections that were made for it, requests and sockets. */
  connections: number;
}

interface Client {
  readonly scenario: ChaosScenario;
  readonly proxy: ChaosProxy;
  readonly running: ReturnType<typeof spawnRig>;
  readonly err: OutputLines;
  readonly told: OutputLines;
}

/**
 * Runs the real client once for each scenario, each behind a proxy of its own and all at the same time: something happens
 * before the failure, in the midst of it, and after it.
 */
export async function runThroughChaos(
  max: RunningMax,
  scenarios: readonly ChaosScenario[],
  work: ChaosWork,
): Promise<ChaosOutcome[]> {
  const clients: Client[] = [];
  try {
    for (const scenario of scenarios) clients.push(await start(max, scenario, work));
    const everyone = <T>(act: (client: Client) => Promise<T>): Promise<T[]> => Promise.all(clients.map(act));
    await everyone(({ told, proxy }) => Promise.all([told.find(work.first), proxy.opened('socket')]));
    const before = await work.happen();
    await everyone(({ told }) => told.find(before));
    for (const { scenario, proxy } of clients) scenario.strike?.(proxy);
    await work.happen();
    await everyone(async ({ scenario, proxy, err }) => {
      if (scenario.relent === undefined) return;
      await err.find('The connection to Max is lost');
      scenario.relent(proxy);
    });
    const after = await work.happen();
    await everyone(({ told }) => told.find(after));
    await work.finish?.();
    return await everyone(async ({ scenario, proxy, running, told, err }) => {
      if (work.finish === undefined) running.kill('SIGINT');
      const { exitCode } = await running;
      const recovered = err.all.includes('Connected again');
      return { scenario: scenario.name, exitCode, told: told.all, recovered, connections: proxy.connections };
    });
  } finally {
    for (const { running } of clients) running.kill('SIGKILL');
    for (const { running, proxy } of clients) {
      await running;
      await proxy.close();
    }
  }
}

/** The numbers of lines that end in one, in the order in which they were told. */
export function numbersIn(told: readonly string[]): number[] {
  return told.flatMap((line) => {
    const number = /number (\d+)$/.exec(line)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

async function start(max: RunningMax, scenario: ChaosScenario, work: ChaosWork): Promise<Client> {
  const proxy = await ChaosProxy.to(max.port);
  if (scenario.always !== undefined) for (const kind of ['http', 'socket'] as const) proxy.rule(kind, scenario.always);
  const env = { RIG_SERVER: proxy.url, RIG_TOKEN: max.token };
  const running = spawnRig(max.home, work.args(scenario), { env, timeout: 120_000 });
  const out = outputLines(running.stdout as NonNullable<typeof running.stdout>);
  const err = outputLines(running.stderr as NonNullable<typeof running.stderr>);
  return { scenario, proxy, running, err, told: work.tells === 'stdout' ? out : err };
}
