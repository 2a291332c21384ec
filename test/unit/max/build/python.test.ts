import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { build } from '../../../../plugins/max/src/build/build.ts';
import { BuildLog } from '../../../../plugins/max/src/build/build-log.ts';
import { detectBuilder } from '../../../../plugins/max/src/build/detect.ts';
import { Log } from '../../../../plugins/max/src/logs/log.ts';
import { noPython } from '../../../support/python.ts';

let dir: string;
let folder: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-python-'));
  folder = join(dir, 'app');
  mkdirSync(folder);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
const commandsOf = async (): Promise<string[]> =>
  (await detectBuilder(folder)).steps.map((step) => step.command.join(' '));

const VENV = 'python3 -m venv --clear .venv';
const PIP = './.venv/bin/python -m pip install --disable-pip-version-check --no-input';

test('requirements.txt: a venv, pip, and the program that is there', async () => {
  write({ 'requirements.txt': '', 'app.py': '', 'server.py': '' });
  expect(await detectBuilder(folder)).toMatchObject({
    builder: 'python: requirements.txt',
    reason: 'it has a requirements.txt, and it starts with app.py',
    processes: { web: { kind: 'command', command: 'python app.py' } },
  });
  expect(await commandsOf()).toEqual([VENV, `${PIP} -r requirements.txt`]);
});

test('pyproject.toml: installed where it describes a project, and not where it has settings of tools alone', async () => {
  write({ 'pyproject.toml': '[project]\nname = "x"\n', 'main.py': '' });
  expect(await commandsOf()).toEqual([VENV, `${PIP} .`]);
  write({ 'pyproject.toml': '[tool.ruff]\nline-length = 100\n' });
  expect(await commandsOf()).toEqual([VENV]);
});

test('without a program the next builder gets the folder; a Procfile starts it otherwise', async () => {
  write({ 'requirements.txt': '', 'index.html': '' });
  expect((await detectBuilder(folder)).builder).toBe('static: index.html');
  write({ Procfile: 'web: gunicorn shop:app' });
  expect(await detectBuilder(folder)).toMatchObject({ builder: 'procfile: Procfile' });
  expect(await commandsOf()).toEqual([VENV, `${PIP} -r requirements.txt`]);
});

test.skipIf(noPython())(
  'pip installs a wheel into the venv for real',
  async () => {
    write({
      'greet/greet.py': 'def hello(): return "hello from a wheel"\n',
      'greet/greet-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: greet\nVersion: 1.0\n',
      'greet/greet-1.0.dist-info/WHEEL':
        'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
      'greet/greet-1.0.dist-info/RECORD': '',
      'requirements.txt': '--no-index\n./greet-1.0-py3-none-any.whl\n',
      'main.py': 'import greet; print(greet.hello())\n',
    });
    const zipped = 'import shutil; shutil.make_archive("greet-1.0-py3-none-any", "zip", "greet")';
    execFileSync('python3', ['-c', zipped], { cwd: folder });
    execFileSync('mv', ['greet-1.0-py3-none-any.zip', 'greet-1.0-py3-none-any.whl'], { cwd: folder });
    rmSync(join(folder, 'greet'), { recursive: true });
    const log = new BuildLog(Log.open(join(dir, 'log')));
    const signal = new AbortController().signal;
    await build({ buildId: 'bld_py', folder, tmp: join(dir, 'tmp'), log, logCommand: 'rig logs build x', signal });
    const said = execFileSync(join(folder, '.venv/bin/python'), ['main.py'], { cwd: folder, encoding: 'utf8' });
    expect(said).toBe('hello from a wheel\n');
    expect(log.log.read(0, { lines: 1 }).lines[0]?.text).toMatch(/^builder python: requirements\.txt: it has a/);
  },
  120_000,
);
