import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { optionOf } from './bench/figure.ts';

// npm run test:repeat [-- --runs N] [--seed N] [PATH…]
// The suite in shuffled order, several times: every run must give the same result, and the seeds say how to get it again.
const ROOT = join(import.meta.dirname, '..');
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

const args = process.argv.slice(2);
const runs = Number(optionOf(args, '--runs') ?? 3);
const first = Number(optionOf(args, '--seed') ?? Math.floor(Math.random() * 1_000_000));
const paths = args.filter((arg, i) => !arg.startsWith('--') && !['--runs', '--seed'].includes(args[i - 1] ?? ''));
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(first)) {
  console.error('error: --runs and --seed need whole numbers\nhint: npm run test:repeat -- --runs 3 --seed 1');
  process.exit(2);
}

interface Report {
  testResults: Array<{
    name: string;
    status: string;
    message: string;
    assertionResults: Array<{ fullName: string; status: string }>;
  }>;
}

/** What one run gave: each test and how it ended; a file that could not be run counts as a test. */
type Result = Map<string, string>;

function runOnce(seed: number): Result {
  const dir = mkdtempSync(join(tmpdir(), 'rig-repeat-'));
  try {
    const file = join(dir, 'report.json');
    const options = [
      '--sequence.shuffle.tests',
      '--sequence.shuffle.files',
      `--sequence.seed=${seed}`,
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ];
    const { signal } = spawnSync(process.execPath, [vitest, 'run', ...options, ...paths], {
      cwd: ROOT,
      stdio: 'inherit',
    });
    if (signal !== null) process.exit(130);
    const result: Result = new Map();
    for (const { name, status, assertionResults } of (JSON.parse(readFileSync(file, 'utf8')) as Report).testResults) {
      const path = relative(ROOT, name);
      result.set(path, status);
      assertionResults.forEach(({ fullName, status }, i, all) => {
        // Tests may share a name: they are told apart by how often it came before.
        const before = all.slice(0, i).filter((other) => other.fullName === fullName).length;
        result.set(`${path} > ${fullName}${before === 0 ? '' : ` (${before + 1})`}`, status);
      });
    }
    return result;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const seeds = Array.from({ length: runs }, (_, i) => first + i);
const results = seeds.map((seed, i) => {
  console.log(`\nrun ${i + 1} of ${runs}, seed ${seed}`);
  return runOnce(seed);
});

const names = [...new Set(results.flatMap((result) => [...result.keys()]))].sort();
const statusesOf = (name: string): string[] => results.map((result) => result.get(name) ?? 'missing');
const failed = names.filter((name) => statusesOf(name).includes('failed'));
const differing = names.filter((name) => new Set(statusesOf(name)).size > 1);

console.log(
  `\nseeds ${seeds.join(', ')}: ${names.length} results, ${failed.length} failed, ${differing.length} not the same in every run`,
);
for (const name of new Set([...differing, ...failed])) console.log(`  ${statusesOf(name).join(' ')}  ${name}`);
if (failed.length > 0 || differing.length > 0) {
  console.log(`again: npm run test:repeat -- --runs ${runs} --seed ${first}`);
  process.exitCode = 1;
}
if (names.length === 0) {
  console.error('error: no test was run');
  process.exitCode = 1;
}
