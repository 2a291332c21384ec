import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** A batch of texts may take that long; 256 KiB of ordinary lines take a few milliseconds. */
export const PATTERN_LIMIT_MS = 2_000;

/** The worker's program: a text, so that it needs no file of its own beside a bundle. */
const PROGRAM = `
const { parentPort } = require('node:worker_threads');
let pattern = '', expression = /(?:)/;
parentPort.on('message', (job) => {
  if (job.pattern !== pattern) { expression = new RegExp(job.pattern); pattern = job.pattern; }
  parentPort.postMessage(job.texts.map((text) => expression.test(text)));
});`;

/** A pattern took too long on lines that are there: it would for ever on others. */
export class PatternTooSlow extends Error {
  constructor(pattern: string) {
    super(`the pattern ${JSON.stringify(pattern)} takes too long on the lines of this log`);
    this.name = 'PatternTooSlow';
  }
}

let worker: Promise<Worker> | undefined;
let line: Promise<unknown> = Promise.resolve();

/** Its start is not the pattern's time: the limit begins once it is there. */
async function start(): Promise<Worker> {
  const made = new Worker(PROGRAM, { eval: true, env: {}, resourceLimits: { maxOldGenerationSizeMb: 64 } });
  made
    .on('error', () => {})
    .on('exit', () => {
      worker = undefined;
    });
  await once(made, 'online');
  return made;
}

async function run(pattern: string, texts: readonly string[], limitMs: number): Promise<boolean[]> {
  worker ??= start();
  const used = await worker;
  used.ref();
  const limit = AbortSignal.timeout(limitMs);
  try {
    used.postMessage({ pattern, texts });
    const [found] = (await once(used, 'message', { signal: limit })) as [boolean[]];
    return found;
  } catch (error) {
    worker = undefined;
    await used.terminate();
    throw limit.aborted ? new PatternTooSlow(pattern) : error;
  } finally {
    // An idle worker keeps no process alive.
    used.unref();
  }
}

/**
 * Tells which texts a pattern matches. In one worker for all of Max, one batch at a time, so that a pattern that backtracks for
 * ever holds up neither the event loop nor another reader for more than the limit.
 *
 * @throws PatternTooSlow
 */
export function matchPattern(
  pattern: string,
  texts: readonly string[],
  limitMs: number = PATTERN_LIMIT_MS,
): Promise<boolean[]> {
  const result = line.then(() => run(pattern, texts, limitMs));
  line = result.catch(() => {});
  return result;
}
