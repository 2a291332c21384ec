import type { ChaosProxy, CutKind } from './chaos-proxy.ts';
import type { ChaosRules } from './chaos-pump.ts';

/** One way in which a network fails. */
export interface ChaosScenario {
  readonly name: string;
  /** What holds from the first byte on, of requests and of the socket. */
  readonly always?: ChaosRules;
  /** Happens once while the client is at work. */
  strike?(proxy: ChaosProxy): void;
  /** Undoes a strike that lasts, once the client has said that it was hit. */
  relent?(proxy: ChaosProxy): void;
}

const cut = (name: string, how: CutKind): ChaosScenario => ({ name, strike: (proxy) => void proxy.cut('socket', how) });

/** Every failure that the proxy knows; each must end in a usable connection, nothing lost and nothing twice. */
export const CHAOS_SCENARIOS: readonly ChaosScenario[] = [
  { name: 'delay', always: { delayMs: [20, 120] } },
  { name: 'throttle', always: { bytesPerSecond: 60_000 } },
  { name: 'every byte alone', always: { split: 'bytes' } },
  { name: 'random pieces, late', always: { split: 'random', delayMs: [0, 3] } },
  cut('reset', 'reset'),
  cut('orderly end', 'end'),
  cut('end towards the client alone', 'half-client'),
  cut('end towards Max alone', 'half-server'),
  {
    name: 'cut in the midst of a frame',
    strike: (proxy) => proxy.cutAfter('socket', proxy.random.between(1, 300), 'reset'),
  },
  {
    name: 'black hole',
    strike: (proxy) => proxy.rule('socket', { blackHole: true }),
    relent: (proxy) => proxy.rule('socket', {}),
  },
];
