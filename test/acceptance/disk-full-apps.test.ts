import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogLine } from '@rig/plugin-api/max';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { answering, askApp, deploy, writeNodeApp, writeTree } from '../support/app.ts';
import { expectText } from '../support/failure.ts';
import { createHome } from '../support/home.ts';
import { type RunningMax, startMaxOf } from '../support/max.ts';
import { outputLines } from '../support/output-lines.ts';
import { rig, rigJson, rigOk, spawnRig } from '../support/rig.ts';
import { mountSmallDisk, type SmallDisk, smallDiskUntestable } from '../support/small-disk.ts';

const untestable = smallDiskUntestable();
const HINT = /make room on that disk .*then deploy again/;

/** An app that numbers its lines, as many a request as are asked for, in the order of the requests. */
const NUMBERING = `import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
let line = 0;
const say = () => {
  try {
    // Of one width: a torn one is then none of the others.
    writeSync(1, 'line ' + String(++line).padStart(6, '0') + '\\n');
  } catch {
    // Node's own console would end the process here.
  }
};
createServer((request, response) => {
  const count = Number(request.url.slice(1));
  if (request.url === '/end') process.exit(1);
  for (let i = 0; i < count; i += 1) say();
  response.end(String(line));
}).listen(process.env.PORT);
`;

// One app whose first release serves until the last deploy of it.
describe.skipIf(untestable)(`apps on a full disk${untestable ? ` (${untestable})` : ''}`, { shuffle: false }, () => {
  let disk: SmallDisk;
  let max: RunningMax;
  beforeAll(async () => {
    const home = createHome();
    disk = await mountSmallDisk(home, 'state');
    max = await startMaxOf(home);
    await deploy(max, 'api.shop', await writeNodeApp(join(home.dir, 'old'), answering('old')));
    await deploy(max, 'lines.shop', await writeNodeApp(join(home.dir, 'lines'), NUMBERING));
  });
  afterEach(() => {
    disk.empty();
    process.kill(max.pid, 0);
  });
  afterAll(async () => {
    await max.stop();
    await disk.remove();
  });

  const state = (...path: string[]): string => join(disk.seen, 'rig', 'max', ...path);
  const builds = (): string[] => readdirSync(state('builds')).sort();

  /** An app whose build runs a program. */
  async function built(name: string, build: string): Promise<string> {
    const dir = await writeNodeApp(join(max.home.dir, name), answering(name), { build: 'node build.mjs' });
    return writeTree(dir, { 'build.mjs': build });
  }

  async function expectOld(before: string[]): Promise<void> {
    expect(builds()).toEqual(before);
    expect((await askApp(max, 'api.shop')).body).toBe('old');
    expect(await rigJson(max.home, ['status', 'app', 'api.shop'])).toMatchObject({
      app: { state: 'running', release: 1 },
      deployment: { state: 'failed' },
    });
  }

  test('a build that fills it fails for that; the old release serves on, and the room is there again', async () => {
    const [before, free] = [builds(), disk.free()];
    const dir = await built(
      'filling',
      `import { appendFileSync } from 'node:fs';
console.log('filling');
try {
  for (;;) appendFileSync('filler', Buffer.alloc(1e6));
} catch (error) {
  console.error(error.code);
  process.exit(1);
}`,
    );
    expectText(await rig(max.home, ['deploy', dir, '--app', 'api.shop']), {
      code: 'RIG_STORAGE_FULL',
      exitCode: 1,
      message: /api\.shop failed: .*the disk of \S+ has too little room: .* are free, and Max leaves 2\.5 MB free/,
      hint: HINT,
    });
    await expectOld(before);
    expect(disk.free()).toBeGreaterThan(free - 1_000_000);
  });

  test('a build that would leave too little is ended while it hangs on', async () => {
    const before = builds();
    const dir = await built(
      'resting',
      `import { appendFileSync, statfsSync } from 'node:fs';
for (let s = statfsSync('.'); s.bavail * s.bsize > 2e6; s = statfsSync('.')) appendFileSync('filler', Buffer.alloc(1e5));
setInterval(() => {}, 1000);`,
    );
    expectText(await rig(max.home, ['deploy', dir, '--app', 'api.shop']), {
      code: 'RIG_STORAGE_FULL',
      exitCode: 1,
      message: /the build was ended: the disk of \S+ has too little room/,
      hint: HINT,
    });
    await expectOld(before);
  });

  test('filled by others amid a build, its log included: the build fails, and the next works by itself', async () => {
    const before = builds();
    const gate = join(max.home.dir, 'gate');
    const dir = await built(
      'gated',
      `import { existsSync } from 'node:fs';
console.log('the build has begun');
const look = setInterval(() => {
  if (!existsSync(${JSON.stringify(gate)})) return;
  clearInterval(look);
  for (let i = 0; i < 5000; i += 1) console.log('a line of the build ' + i);
}, 20);`,
    );
    const deploying = spawnRig(max.home, ['deploy', dir, '--app', 'api.shop']);
    await outputLines(deploying.stderr).find(/the build has begun$/);
    disk.fill();
    await writeFile(gate, '');
    expect((await deploying).exitCode).toBe(1);
    await expectOld(before);
    disk.empty();
    await rigOk(max.home, ['deploy', dir, '--app', 'api.shop']);
    expect((await askApp(max, 'api.shop')).body).toBe('gated');
  });

  test('a tree that cannot be laid out is refused before the build begins', async () => {
    const dir = await writeNodeApp(join(max.home.dir, 'wide'), answering('wide'));
    await writeFile(join(dir, 'wide.bin'), randomBytes(9_000_000));
    disk.fill(9_000_000 + 2_600_000 + 3_000_000);
    expectText(await rig(max.home, ['deploy', dir, '--app', 'wide.shop', '--create']), {
      code: 'RIG_STORAGE_FULL',
      exitCode: 1,
      message: /wide\.shop failed: the disk of \S+ has too little room: .* are free, this needs 9\.0 MB/,
      hint: HINT,
    });
    await rigOk(max.home, ['delete', 'app', 'wide.shop', '--yes']);
  });

  describe('lines', () => {
    const ask = async (count: number): Promise<number> => Number((await askApp(max, 'lines.shop', `/${count}`)).body);

    /** The text of the next line that is asked for. */
    const askLine = async (): Promise<string> => `line ${String(await ask(1)).padStart(6, '0')}`;

    /** What the log has of the app's own, from a line on; its numbers have no hole. */
    async function logged(from: string): Promise<string[]> {
      const args = ['logs', 'app', 'lines.shop', '--lines', '10000', '--no-follow', '-o', 'ndjson'];
      const { stdout } = await rigOk(max.home, args);
      const lines = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as LogLine]));
      lines.forEach((line, index) => void expect(line.seq).toBe(lines[0]!.seq + index));
      const texts = lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
      return texts.slice(texts.lastIndexOf(from));
    }

    /** The file that the app itself writes to. */
    function outputFile(): string {
      const paths = readdirSync(state('apps'), { recursive: true, encoding: 'utf8' });
      const files = paths.filter((path) => path.endsWith('stdout.log')).map((path) => join(state('apps'), path));
      return files.find((file) => readFileSync(file, 'utf8').startsWith('line '))!;
    }

    /** What the app could write, from a line on: on a full disk that is not all that it says. */
    function written(file: string, from: string): string[] {
      const lines = readFileSync(file, 'utf8').split('\n');
      if (lines.at(-1) === '') lines.pop();
      return lines.slice(lines.indexOf(from));
    }

    /** Lets the app write more than Max has room for. */
    async function overflow(): Promise<{ from: string; file: string }> {
      // The first ends a line that an earlier full disk tore.
      await ask(1);
      const from = await askLine();
      const file = outputFile();
      while ((await logged(from))[0] !== from);
      // A line takes more room in the log than in the app's own file.
      disk.fill(64 * 1024);
      for (let round = 0; round < 5; round += 1) await ask(1_000);
      disk.fill();
      expect((await logged(from)).length).toBeLessThan(written(file, from).length);
      return { from, file };
    }

    /** An app's process that ends is started again, whatever the disk says. */
    async function crash(): Promise<void> {
      const restarts = async (): Promise<[state: string, restarts: number]> => {
        const args = ['status', 'app', 'lines.shop'];
        const { instances } = await rigJson<{ instances: Array<{ state: string; restarts: number }> }>(max.home, args);
        return [instances[0]!.state, instances[0]!.restarts];
      };
      const [, before] = await restarts();
      await askApp(max, 'lines.shop', '/end');
      for (let now = await restarts(); now[0] !== 'healthy' || now[1] === before; now = await restarts());
    }

    const removed = async (file: string): Promise<void> => {
      while (existsSync(file)) await rigOk(max.home, ['max', 'status']);
    };

    test('that Max has no room for are read when there is some; a follower gets each once', async () => {
      const follower = spawnRig(max.home, ['logs', 'app', 'lines.shop', '-o', 'ndjson']);
      const followed = outputLines(follower.stdout);
      await followed.find(`"text":"${await askLine()}"`);
      const { from, file } = await overflow();
      expect(await ask(0)).toBeGreaterThan(5_000);
      disk.empty();
      const all = written(file, from);
      await followed.find(`"text":${JSON.stringify(all.at(-1))}}`);
      const heard = followed.all.map((line) => (JSON.parse(line) as LogLine).text);
      expect(heard.slice(heard.indexOf(from))).toEqual(all);
      expect(await logged(from)).toEqual(all);
      follower.kill('SIGINT');
      await follower;
    });

    test('of a process that ends meanwhile stay in its files until they are stored', async () => {
      const { from, file } = await overflow();
      await crash();
      const all = written(file, from);
      disk.empty();
      await removed(file);
      expect(await logged(from)).toEqual(all);
    });

    test('of a process that has ended are stored by the next Max, where this one is killed', async () => {
      const { from, file } = await overflow();
      await crash();
      const all = written(file, from);
      process.kill(max.pid, 'SIGKILL');
      disk.empty();
      max.pid = (await rigJson<{ pid: number }>(max.home, ['max', 'up'])).pid;
      await removed(file);
      expect(await logged(from)).toEqual(all);
      // However often that was tried.
      const { stdout } = await rigOk(max.home, ['max', 'logs', '--no-follow', '--lines', '10000']);
      expect(stdout.split('cannot be stored').length).toBeLessThan(12);
    });
  });
});
