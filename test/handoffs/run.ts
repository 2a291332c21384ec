import { join, resolve } from 'node:path';
import { optionOf } from '../bench/figure.ts';
import { startMax } from '../support/max.ts';
import type { Ground, Line } from './line.ts';
import { LINES } from './lines.ts';
import { allHold, type Outcome, readAccepted, table, writeRun } from './report.ts';

// npm run handoffs [-- --accept] [--json FILE] [--only TEXT]
const ACCEPTED = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks', 'handoffs.json');

async function outcomeOf(line: Line, ground: Ground): Promise<Outcome> {
  const { handoff, name } = line;
  const began = performance.now();
  const done = (rest: Partial<Outcome>): Outcome => ({
    handoff,
    line: name,
    holds: true,
    seconds: Number(((performance.now() - began) / 1000).toFixed(2)),
    ...rest,
  });
  try {
    const figure = await line.check(ground);
    if (!figure) return done({});
    const over = figure.limit !== undefined && figure.value > figure.limit;
    return done({
      figure,
      ...(over ? { holds: false, reason: `${figure.value} ${figure.unit} is more than ${figure.limit}` } : {}),
    });
  } catch (error) {
    return done({ holds: false, reason: error instanceof Error ? error.message : String(error) });
  }
}

async function main(args: readonly string[]): Promise<number> {
  const only = optionOf(args, '--only');
  const chosen = LINES.filter(({ name }) => only === undefined || name.includes(only));
  if (chosen.length === 0) {
    console.error(
      `error: no line has ${JSON.stringify(only)} in its name; there are:\n${LINES.map(({ name }) => `  ${name}`).join('\n')}`,
    );
    return 2;
  }
  const max = await startMax();
  const outcomes: Outcome[] = [];
  try {
    for (const line of chosen) outcomes.push(await outcomeOf(line, { max }));
  } finally {
    await max.stop();
  }
  // What was left out on purpose is not missed.
  const accepted = readAccepted(ACCEPTED).filter(({ line }) => only === undefined || line.includes(only));
  console.log(table(outcomes, accepted));
  const file = optionOf(args, '--json');
  if (file) writeRun(outcomes, resolve(file));
  const good = allHold(outcomes, accepted);
  if (!args.includes('--accept')) return good ? 0 : 1;
  if (only !== undefined || outcomes.some(({ holds }) => !holds)) {
    console.error('error: only a whole run in which every line holds is accepted');
    return 1;
  }
  writeRun(outcomes, ACCEPTED);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
