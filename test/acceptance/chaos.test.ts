import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answering, askApp, deploy, writeNodeApp, writeTree } from '../support/app.ts';
import { type ChaosOutcome, numbersIn, runThroughChaos } from '../support/chaos-run.ts';
import { CHAOS_SCENARIOS } from '../support/chaos-scenarios.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { rigJson, rigOk } from '../support/rig.ts';

const EACH = 40;
const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);
const last = (number: number): RegExp => new RegExp(`number ${number}$`);

/** What is expected of every client; one that was struck has said so, and that it is back. */
const each = <T extends object>(expected: T) =>
  CHAOS_SCENARIOS.map(({ name, strike }) => ({ scenario: name, recovered: strike !== undefined, ...expected }));

const counted = ({ scenario, recovered, exitCode, told }: ChaosOutcome) => {
  return { scenario, recovered, exitCode, numbers: numbersIn(told) };
};

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
});
afterAll(() => max.stop());

/** A server that writes so many more numbered lines with each request. */
const COUNTS = `import { createServer } from 'node:http';
let said = 0;
createServer((request, response) => {
  let text = '';
  for (let i = 0; i < ${EACH}; i += 1) text += 'number ' + ++said + '\\n';
  process.stdout.write(text, () => response.end(String(said)));
}).listen(process.env.PORT, () => console.log('ready'));
process.once('SIGTERM', () => process.exit(0));
`;

/** A build that writes the numbers up to the one in a file, and ends when there is none. */
const builds = (file: string): string => `import { readFileSync } from 'node:fs';
console.log('begun');
let said = 0;
const timer = setInterval(() => {
  const text = readFileSync(${JSON.stringify(file)}, 'utf8');
  while (said < Number(text)) console.log('number ' + ++said);
  if (text === 'end') clearInterval(timer);
}, 20);
`;

test('rig logs app prints every line once and in order, however its connection fails', async () => {
  await deploy(max, 'counts.chaos', await writeNodeApp(join(max.home.dir, 'counts'), COUNTS));
  const outcomes = await runThroughChaos(max, CHAOS_SCENARIOS, {
    args: () => ['logs', 'app', 'counts.chaos', '--follow'],
    tells: 'stdout',
    first: /ready$/,
    happen: async () => last(Number((await askApp(max, 'counts.chaos')).body)),
  });
  expect(outcomes.map(counted)).toEqual(each({ exitCode: 130, numbers: upTo(3 * EACH) }));
});

test('rig status --watch ends with what is, however its connection fails', async () => {
  await rigOk(max.home, ['create', 'network', 'watched']);
  let made = 0;
  const outcomes = await runThroughChaos(max, CHAOS_SCENARIOS, {
    args: () => ['status', 'network', 'watched', '--watch'],
    tells: 'stdout',
    first: 'watched',
    happen: async () => {
      made += 1;
      const headers = { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ name: `app-${made}` });
      const answer = await fetch(`${max.url}/v1/networks/watched/apps`, { method: 'POST', headers, body });
      expect(answer.status).toBe(201);
      return new RegExp(`^app-${made} `);
    },
  });
  // The picture that was drawn last has all three.
  const shown = outcomes.map(({ scenario, recovered, exitCode, told }) => {
    const picture = told.slice(told.findLastIndex((line) => line.startsWith('network ')));
    return { scenario, recovered, exitCode, apps: picture.flatMap((line) => /^app-\d(?= )/.exec(line) ?? []).sort() };
  });
  expect(shown).toEqual(each({ exitCode: 130, apps: ['app-1', 'app-2', 'app-3'] }));
});

test('a deployment is followed to its end, its build told line by line, however the connection fails', async () => {
  const file = join(max.home.dir, 'numbers');
  await writeFile(file, '0');
  const dir = await writeNodeApp(join(max.home.dir, 'built'), answering('hi'), { build: 'node build.mjs' });
  await writeTree(dir, { 'build.mjs': builds(file) });
  const begun = await rigJson<{ deployment: string }>(max.home, [
    ...['deploy', dir, '--app', 'built.chaos', '--create', '--detach'],
  ]);
  let numbers = 0;
  const outcomes = await runThroughChaos(max, CHAOS_SCENARIOS, {
    args: () => ['deploy', 'attach', begun.deployment, '--app', 'built.chaos'],
    tells: 'stderr',
    first: /begun$/,
    happen: async () => {
      numbers += EACH;
      await writeFile(file, String(numbers));
      return last(numbers);
    },
    finish: () => writeFile(file, 'end'),
  });
  expect(outcomes.map(counted)).toEqual(each({ exitCode: 0, numbers: upTo(3 * EACH) }));
});
