import { setTimeout as delay } from 'node:timers/promises';
import { ExitCode, type Http, isPassing, REJOINED_EVENT, RigError, type Socket } from '@rig/plugin-api';
import { type Deployment, type DeploymentUpdate, FINAL_STATES } from '@rig/plugin-api/max';
import { Mailbox } from './mailbox.ts';

/** Milliseconds without a word from Max, by socket or HTTP, until watching ends. */
const PATIENCE_MS = 60_000;

/** Milliseconds between two questions by HTTP while the socket is down. */
const POLL_MS = 2000;

/** Milliseconds for the answer to a join, and between two joins that failed. */
const JOIN_MS = 5000;

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
  /** Told once whenever the socket does not deliver and Max answers by HTTP. */
  onPolling?: () => void;
  patienceMs?: number;
  pollMs?: number;
  silenceMs?: number;
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

/**
 * Each newer state of a deployment, from its channel and, while the socket is down, by HTTP; ends after a final one, or
 * without one when `signal` is aborted.
 *
 * @throws RigError `RIG_UNREACHABLE` when Max stays silent for too long
 */
export async function* watchDeployment(options: WatchOptions): AsyncGenerator<Deployment> {
  const { http, socket, path, first, signal } = options;
  const { patienceMs = PATIENCE_MS, pollMs = POLL_MS, silenceMs = SILENCE_MS, joinMs = JOIN_MS } = options;
  const box = new Mailbox<Deployment>();
  const stop = new AbortController();
  let latest = first;
  let heardAt = performance.now();
  let joined = false;
  let polling = false;
  const hear = (deployment: Deployment): void => {
    heardAt = performance.now();
    box.push(deployment);
  };

  const follow = async (): Promise<void> => {
    const channel = await socket.join<DeploymentUpdate>(`deployment:${first.id}`, () => ({ after: latest.seq }), {
      patient: true,
      overflow: 'drop-oldest',
      rejoins: true,
      timeout: joinMs,
      signal: stop.signal,
    });
    joined = true;
    hear(channel.joined.deployment);
    const leave = (): void => void channel.leave().catch(() => {});
    if (stop.signal.aborted) leave();
    else stop.signal.addEventListener('abort', leave, { once: true });
    for await (const { event, payload } of channel.events<DeploymentUpdate>())
      if (event === 'update' || event === REJOINED_EVENT) hear(payload.deployment);
  };

  // Whatever the channel's trouble, HTTP says meanwhile how the deployment fares, or why nobody can.
  const listen = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await follow().catch(() => {});
      joined = false;
      await delay(joinMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  };

  const isLive = (): boolean => joined && socket.state.state === 'open';

  const ask = async (): Promise<void> => {
    try {
      hear(await http.get<Deployment>(path, { signal: stop.signal, timeout: 10_000 }));
      if (isLive() || polling) return;
      polling = true;
      options.onPolling?.();
    } catch (error) {
      if (stop.signal.aborted) return;
      const quietFor = performance.now() - heardAt;
      if (!isPassing(error)) box.end(error);
      else if (quietFor >= patienceMs) box.end(silent(latest, quietFor, error));
    }
  };

  const poll = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await delay(pollMs, undefined, { signal: stop.signal }).catch(() => {});
      if (stop.signal.aborted) return;
      if (isLive()) polling = false;
      if (!isLive() || performance.now() - heardAt >= silenceMs) await ask();
    }
  };

  const interrupt = (): void => box.end();
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    yield first;
    if (isFinal(first)) return;
    void listen();
    void poll();
    for await (const deployment of box) {
      if (deployment.seq <= latest.seq) continue;
      latest = deployment;
      yield deployment;
      if (isFinal(deployment)) return;
    }
  } finally {
    signal.removeEventListener('abort', interrupt);
    stop.abort();
  }
}
