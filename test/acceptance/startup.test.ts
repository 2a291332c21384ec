import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHome, type Home } from '../support/home.ts';
import { openedBy, REPO } from '../support/opened-files.ts';
import { makePlugin, oneCommand } from '../support/plugin.ts';
import { rigOk } from '../support/rig.ts';

/** Without plugins of the user's own, and with some. */
let plain: Home;
let linked: Home;
const homes = (): Array<[string, Home]> => [
  ['no', plain],
  ['three', linked],
];

beforeAll(async () => {
  plain = createHome();
  linked = createHome();
  const dirs = await Promise.all(
    ['one', 'two', 'three'].map((name) => makePlugin(linked, name, oneCommand(name, "return { text: 'ran' };"))),
  );
  await rigOk(linked, ['plugins', 'link', ...dirs]);
});
afterAll(async () => {
  await plain.remove();
  await linked.remove();
});

/** The code that was loaded: bundles of the host, and whatever lies in a plugin or in node_modules. */
const code = (repo: readonly string[]): string[] => repo.filter((file) => /\.(cjs|mjs|js|node)$/.test(file));

test('rig --version opens its package.json and no more', async () => {
  for (const [, home] of homes()) {
    const { result, repo, home: own } = await openedBy(home, ['--version']);
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^rig \d+\.\d+\.\d+\n$/) });
    expect(repo).toEqual(['host/bin/rig.cjs', 'host/package.json']);
    expect(own).toEqual([]);
  }
});

test.each([
  [['--help'], '.txt'],
  [['create', 'app', '--help'], 'create app.txt'],
  [['max', 'up', '-h'], 'max up.txt'],
  [['logs', '--help'], 'logs.txt'],
])('rig %j reads one text, and opens neither a plugin nor the host', async (args, file) => {
  const one = await openedBy(plain, args);
  expect(one.result).toMatchObject({ exitCode: 0, stderr: '' });
  expect(one.result.stdout).toMatch(/^(USAGE|COMMANDS)$/m);
  expect(one.repo).toEqual(['host/bin/rig.cjs', `host/dist/help/${file}`]);
  expect(one.home).toEqual(['data/rig/plugins/current']);

  const other = await openedBy(linked, args);
  expect(code(other.repo)).toEqual(['host/bin/rig.cjs']);
  expect(other.repo.filter((path) => !path.startsWith('host/dist/help/'))).toEqual([
    'host/bin/rig.cjs',
    'host/dist/build-id',
  ]);
  expect(other.home[0]).toBe('data/rig/plugins/current');
  expect(other.home.slice(1)).toEqual([
    expect.stringMatching(new RegExp(`^data/rig/plugins/indexes/\\w+/help/${file.replace('.', '\\.')}$`)),
  ]);
});

test('the help of a linked plugin is read without opening the plugin', async () => {
  const { result, repo, home } = await openedBy(linked, ['two', '--help']);
  expect(result.stdout).toContain('The command of two');
  expect(code(repo)).toEqual(['host/bin/rig.cjs']);
  expect(home.filter((file) => file.startsWith('plugins/'))).toEqual([]);
});

test('rig config list loads the host, its commands and its settings, and nothing that goes over the network', async () => {
  for (const [, home] of homes()) {
    const { result, repo, home: own } = await openedBy(home, ['config', 'list']);
    expect(result.exitCode).toBe(0);
    expect(code(repo)).toEqual(
      ['cli', 'commands', 'config', 'main']
        .map((name) => `host/dist/${name}.cjs`)
        .concat('host/bin/rig.cjs')
        .sort(),
    );
    expect(own.filter((file) => file.startsWith('plugins/'))).toEqual([]);
  }
});

test('a command of a plugin loads that plugin alone', async () => {
  const { result, repo, home } = await openedBy(linked, ['two']);
  expect(result.stdout).toBe('ran\n');
  expect(code(repo).filter((file) => file.startsWith('plugins/') || file.startsWith('node_modules/'))).toEqual([]);
  expect(home.filter((file) => file.endsWith('.js') && file.startsWith('plugins/'))).toEqual([
    'plugins/two/dist/index.js',
  ]);
  expect(home.filter((file) => file.endsWith('rig.manifest.json'))).toEqual([]);
  expect(code(repo)).not.toContain('host/dist/http.cjs');
});

test('an unknown command is told without opening any plugin', async () => {
  const { result, repo } = await openedBy(plain, ['deply']);
  expect(result.exitCode).toBe(2);
  expect(
    code(repo).filter((file) => !['host/bin/rig.cjs', 'host/dist/main.cjs', 'host/dist/config.cjs'].includes(file)),
  ).toEqual([]);
});

describe('the packages inside the bundles', () => {
  interface Metafile {
    outputs: Record<string, { inputs: Record<string, unknown>; imports: Array<{ path: string }> }>;
  }
  const outputOf = (bundle: string): Metafile['outputs'][string] => {
    const { outputs } = JSON.parse(readFileSync(join(REPO, 'host', 'dist', 'meta.json'), 'utf8')) as Metafile;
    const output = outputs[`host/dist/${bundle}.cjs`];
    if (!output) throw new Error(`meta.json has no ${bundle}.cjs, but ${Object.keys(outputs).join(', ')}`);
    return output;
  };
  const packagesOf = (bundle: string): string[] => {
    const names = Object.keys(outputOf(bundle).inputs).flatMap(
      (file) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
    );
    return [...new Set(names)].sort();
  };

  test.each([
    ['main', []],
    ['loader', []],
    ['wrap', []],
    ['commands', []],
    ['plugins', []],
    ['auth', []],
    ['cli', ['clipanion', 'typanion']],
    ['config', ['lilconfig']],
    ['hooks', ['tapable']],
    ['yaml', ['yaml']],
    ['socket', ['phoenix', 'ws']],
  ])('%s.cjs has %j', (bundle, packages) => {
    expect(packagesOf(bundle)).toEqual(packages);
  });

  test.each(['main', 'cli', 'commands'])('%s.cjs does without the slow modules of Node', (bundle) => {
    // Each costs every command a thirtieth of its start.
    const slow = /^(node:)?(fs\/promises|crypto|os|tty|net|http|https|url|worker_threads|child_process)$/;
    expect(outputOf(bundle).imports.filter(({ path }) => slow.test(path))).toEqual([]);
  });

  test('socket.cjs has a mask of its own, and looks for none that may be installed', () => {
    expect(Object.keys(outputOf('socket').inputs)).toContain('plugin-api/src/websocket-mask.ts');
    expect(outputOf('socket').imports.map(({ path }) => path)).not.toContain('bufferutil');
  });

  test('http.cjs alone has node-fetch, and what it needs', () => {
    expect(packagesOf('http')).toContain('node-fetch');
    expect(packagesOf('http')).not.toContain('ws');
  });
});
