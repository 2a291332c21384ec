import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isRigError, type RigError } from '@rig/plugin-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeRegistry, type Registry, readRegistry } from '../../../../host/src/plugins/registry.ts';
import { memoryIo } from '../support/memory-io.ts';

let data: string;
let file: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'rig-registry-'));
  file = join(data, 'plugins', 'plugins.json');
});
afterEach(() => {
  chmodSync(data, 0o700);
  rmSync(data, { recursive: true, force: true });
});

const owner = { io: memoryIo().io };
const link =
  (name: string) =>
  ({ plugins }: Registry): void => {
    plugins[name] = { kind: 'link', dir: `/${name}` };
  };
const nothing = () => async () => {};
const write = (text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};
const failure = (work: () => unknown): RigError => {
  try {
    work();
  } catch (error) {
    if (isRigError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
};

describe('readRegistry', () => {
  test('none is an empty one, in which no name is there before it was added', () => {
    const { plugins } = readRegistry(data);
    expect(Object.keys(plugins)).toEqual([]);
    for (const name of ['constructor', 'toString', '__proto__']) expect(plugins[name], name).toBeUndefined();
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{"version":2,"plugins":{}}',
    '{"version":1}',
    '{"version":1,"plugins":{"x":null}}',
    '{"version":1,"plugins":{"x":{"kind":"link"}}}',
    '{"version":1,"plugins":{"x":{"kind":"npm","dir":"/x"}}}',
    '{"version":1,"plugins":{"x":{"kind":"link","dir":"/x","overrides":"all"}}}',
  ])('%s is refused, with what to do', (text) => {
    write(text);
    expect(failure(() => readRegistry(data))).toMatchObject({
      code: 'RIG_REGISTRY_INVALID',
      exitCode: 8,
      hint: expect.stringContaining(`mv ${file}`),
    });
  });

  test('one that cannot be read says why', () => {
    mkdirSync(file, { recursive: true });
    expect(failure(() => readRegistry(data))).toMatchObject({
      code: 'RIG_REGISTRY_INVALID',
      message: expect.stringContaining('EISDIR'),
    });
  });
});

describe('changeRegistry', () => {
  test('of many at once every change is kept', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `p${i}`);
    await Promise.all(names.map((name) => changeRegistry(data, owner, link(name), nothing)));
    expect(Object.keys(readRegistry(data).plugins).sort()).toEqual([...names].sort());
  });

  test('what throws, before or after the change, leaves it as it was', async () => {
    await changeRegistry(data, owner, link('a'), nothing);
    const before = readFileSync(file, 'utf8');
    const boom = (): never => {
      throw new TypeError('boom');
    };
    await expect(changeRegistry(data, owner, boom, nothing)).rejects.toThrow('boom');
    await expect(changeRegistry(data, owner, link('b'), boom)).rejects.toThrow('boom');
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('a folder that cannot be made is told', async () => {
    writeFileSync(join(data, 'plugins'), 'a file');
    await expect(changeRegistry(data, owner, () => {}, nothing)).rejects.toMatchObject({
      code: 'RIG_REGISTRY_WRITE',
      exitCode: 1,
      message: expect.stringContaining(join(data, 'plugins')),
    });
  });
});
