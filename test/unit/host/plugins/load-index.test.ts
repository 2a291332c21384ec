import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ManifestCommand } from '@rig/plugin-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildIndex, type IndexInput } from '../../../../host/src/plugins/index-file.ts';
import { loadIndex, refreshIndex } from '../../../../host/src/plugins/load-index.ts';
import { openPlugins } from '../../../../host/src/plugins/user-plugins.ts';
import { memoryIo } from '../support/memory-io.ts';

let root: string;
let dist: string;
let data: string;
const owner = { io: memoryIo().io };

const command = (path: string): ManifestCommand => ({
  paths: [path.split(' ')],
  description: `About ${path}`,
  arguments: [],
  options: [],
  result: 'value',
});
const own: IndexInput = {
  name: 'rig',
  version: '1.0.0',
  entry: '#commands',
  permissions: [],
  taps: [],
  settings: {},
  commands: [command('config list')],
};

/** A build of rig, by its id. */
function build(id: string): void {
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, 'build-id'), id);
  writeFileSync(join(dist, 'index.json'), JSON.stringify(buildIndex(id, [own])));
  writeFileSync(join(dist, 'first-party.json'), JSON.stringify({ inputs: [own] }));
}

function plugin(name: string, ...paths: string[]): string {
  const dir = join(root, name);
  mkdirSync(join(dir, 'dist'), { recursive: true });
  writeFileSync(join(dir, 'dist', 'index.js'), '');
  const manifest = { api: '1.0.0', name, version: '1.0.0', entry: 'dist/index.js', taps: [], permissions: [] };
  writeFileSync(
    join(dir, 'rig.manifest.json'),
    JSON.stringify({ ...manifest, settings: {}, commands: paths.map(command) }),
  );
  return dir;
}

const load = (firstPartyOnly = false) => loadIndex(dist, data, owner, firstPartyOnly);
const link = (...dirs: string[]) => openPlugins(dist, data, owner).link(dirs, false);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rig-index-'));
  dist = join(root, 'rig');
  data = join(root, 'data');
  build('one');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('loadIndex', () => {
  test('is of rig alone where nothing was linked, and makes no folder', async () => {
    expect((await load()).commands).toEqual({ 'config list': 'rig' });
    expect(existsSync(data)).toBe(false);
  });

  test('has what was linked, unless first-party commands alone are wanted', async () => {
    await link(plugin('mine', 'mine'));
    expect((await load()).commands).toEqual({ 'config list': 'rig', mine: 'mine' });
    expect((await load(true)).commands).toEqual({ 'config list': 'rig' });
  });

  test('is made anew for another build, and leaves nothing of the old one', async () => {
    await link(plugin('mine', 'mine'));
    build('two');
    expect(await load()).toMatchObject({ build: 'two', commands: { mine: 'mine' } });
    expect(readdirSync(join(data, 'plugins', 'indexes'))).toHaveLength(1);
    expect(readFileSync(join(data, 'plugins', 'current'), 'utf8')).toMatch(/^\w+ two\n$/);
  });

  test.each(['current', 'indexes'])('is made anew where %s is gone or damaged', async (name) => {
    await link(plugin('mine', 'mine'));
    rmSync(join(data, 'plugins', name), { recursive: true });
    expect((await load()).commands).toMatchObject({ mine: 'mine' });
    writeFileSync(join(data, 'plugins', 'current'), 'damaged');
    expect((await load()).commands).toMatchObject({ mine: 'mine' });
  });

  test('many rigs make it anew at once, while another links', async () => {
    await link(plugin('mine', 'mine'));
    build('two');
    const others = Array.from({ length: 8 }, () => load());
    await Promise.all([...others, link(plugin('other', 'other'))]);
    expect((await load()).commands).toMatchObject({ mine: 'mine', other: 'other' });
  });

  test('a damaged installation is told', async () => {
    writeFileSync(join(dist, 'index.json'), '{');
    await expect(load()).rejects.toMatchObject({ code: 'RIG_NOT_BUILT' });
  });
});

describe('refreshIndex', () => {
  test('gives the same index back where nothing changed', async () => {
    await link(plugin('mine', 'mine'));
    const index = await load();
    expect(await refreshIndex(dist, data, owner, index)).toBe(index);
  });

  test('finds a manifest that was written anew, and a plugin that was mended', async () => {
    const dir = plugin('mine', 'mine');
    await link(dir);
    const before = await load();
    plugin('mine', 'mine', 'second');
    const after = await refreshIndex(dist, data, owner, before);
    expect(after.commands).toMatchObject({ mine: 'mine', second: 'mine' });

    rmSync(join(dir, 'rig.manifest.json'));
    const broken = await refreshIndex(dist, data, owner, after);
    expect(broken.plugins.mine?.failed?.code).toBe('RIG_NO_PLUGIN');
    // It keeps its paths, so that they can say why they do not work.
    expect(broken.commands).toMatchObject({ mine: 'mine', second: 'mine' });
    plugin('mine', 'mine');
    const mended = await refreshIndex(dist, data, owner, broken);
    expect(mended.plugins.mine?.failed).toBeUndefined();
  });
});
