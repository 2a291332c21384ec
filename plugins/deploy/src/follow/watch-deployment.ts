import {
  ExitCode,
  type Http,
  isPassing,
  LiveTopic,
  type News,
  PollingNotes,
  RigError,
  type Socket,
} from '@rig/plugin-api';
import { type Deployment, type DeploymentUpdate, FINAL_STATES } from '@rig/plugin-api/max';

/** Milliseconds without a word from Max, by socket or HTTP, until watching ends. */
const PATIENCE_MS = 60_000;

/** Milliseconds between two questions by HTTP while the socket is down. */
const POLL_MS = 2000;

/** Milliseconds of silence on a socket that looks well until Max is asked by HTTP all the same. */
const SILENCE_MS = 15_000;

/** What is watched. */
export interface WatchOptions {
  http: Http;
  socket: Socket;
  /** `…/deployments/:id`. */
  path: string;
  first: Deployment;
  signal: AbortSignal;
  /** A sentence for a person. */
  note: (text: string) => void;
  patienceMs?: number;
  pollMs?: number;
  silenceMs?: number;
  /** Milliseconds for the answer to a join, and between two joins that failed. */
  joinMs?: number;
}

/** Tells whether a deployment has ended. */
export function isFinal(deployment: Deployment): boolean {
  return FINAL_STATES.includes(deployment.state);
}

const silent = (deployment: Deployment, ms: number, cause: unknown): RigError => {
  const name = `${deployment.app}.${deployment.network}`;
  return new RigError({
    code: 'RIG_UNREACHABLE',
    message: `Max has not answered for ${Math.round(ms / 1000)} seconds; deployment ${deployment.id} of ${name} goes on there if Max runs`,
    hint: `see whether it runs: rig max status, then how it ended: rig status app ${name}`,
    exitCode: ExitCode.Unreachable,
    details: { deployment },
    cause,
  });
};

/** The state that came with an event or the answer to a join. */
function toldBy(news: News): Deployment | undefined {
  return news.kind === 'event' ? (news.payload as Partial<DeploymentUpdate>).deployment : undefined;
}

/**
 * Each newer state of a deployment, from its channel and, while the socket is down, by HTTP; ends after a final one, or
 * without one when `signal` is aborted.
 *
 * @throws RigError `RIG_UNREACHABLE` when Max stays silent for too long
 */
export async function* watchDeployment(options: WatchOptions): AsyncGenerator<Deployment> {
  const { http, socket, path, first, signal, joinMs } = options;
  const { patienceMs = PATIENCE_MS, pollMs = POLL_MS, silenceMs = SILENCE_MS } = options;
  const stop = new AbortController();
  const ending = AbortSignal.any([stop.signal, signal]);
  let latest = first;
  let heardAt = performance.now();

  const topic = `deployment:${first.id}`;
  const params = (): object => ({ after: latest.seq });
  const queue = { overflow: 'drop-oldest' } as const;
  const live = new LiveTopic({
    socket,
    topic,
    params,
    queue,
    signal: ending,
    ...(joinMs === undefined ? {} : { joinMs }),
  });
  const notes = new PollingNotes(options.note);

  // Whatever the channel's trouble, HTTP says meanwhile how the deployment fares, or why nobody can.
  const ask = async (): Promise<Deployment | undefined> => {
    try {
      const deployment = await http.get<Deployment>(path, { signal: ending, timeout: 10_000 });
      notes.answered(live);
      return deployment;
    } catch (error) {
      if (ending.aborted) return undefined;
      if (!isPassing(error)) throw error;
      notes.silent(error);
      const quietFor = performance.now() - heardAt;
      if (quietFor >= patienceMs) throw silent(latest, quietFor, error);
      return undefined;
    }
  };

  try {
    yield first;
    while (!isFinal(latest)) {
      const news = await live.next({ liveMs: silenceMs, deadMs: pollMs });
      if (news.kind === 'event') notes.delivers();
      const deployment = news.kind === 'event' ? toldBy(news) : await ask();
      if (signal.aborted) return;
      if (deployment === undefined) continue;
      heardAt = performance.now();
      if (deployment.seq <= latest.seq) continue;
      latest = deployment;
      yield deployment;
    }
  } finally {
    stop.abort();
  }
}
