import { describe, expect, test } from 'vitest';
import { instanceEnvironment } from '../../plugins/max/src/deployments/instance-environment.ts';
import { MARK } from '../../plugins/max/src/engine/engine.ts';
import { codesInSources } from './codes.ts';
import { codesIn, tablesOf, textOf } from './pages.ts';

const topic = textOf('host/src/help/topics/environment.txt');
const described = [...topic.matchAll(/^ {2}([A-Z][A-Za-z_]*[A-Za-z]) +\S/gm)].map(([, name = '']) => name);
const { variables } = codesInSources();

describe('rig help environment', () => {
  test('has every variable that rig reads', () => {
    const missing = [...variables].filter(([name]) => !described.includes(name));
    expect(missing.map(([name, place]) => `${name}, which ${place} reads`)).toEqual([]);
  });

  test('has no variable that nothing reads', () => {
    expect(described.length).toBeGreaterThan(20);
    expect(described.filter((name) => !variables.has(name))).toEqual([]);
  });

  test('has each once', () => {
    expect(described.length).toBe(new Set(described).size);
  });
});

describe('the environment of an app', () => {
  test('is what docs/apps.md says', () => {
    const rows = tablesOf(textOf('docs/apps.md')).find(({ head }) => head[0] === 'variable')?.rows ?? [];
    const listed = rows.flatMap(([names = '']) => codesIn(names));
    const app = { name: 'api', network: 'shop' };
    const context = { app, release: { version: 3 }, values: () => ({}), codeFolder: '/code', homeFolder: '/home/app' };
    const given = instanceEnvironment(context as never, { instance: 'web.1', port: 4000, tmp: '/tmp/web.1' });
    // The engine adds its mark when it starts the process; two of the system's may be unset there.
    const optional = [MARK, 'LC_ALL', 'TZ', 'USER', 'LOGNAME'];
    expect(Object.keys(given).filter((name) => !listed.includes(name))).toEqual([]);
    expect(listed.filter((name) => !(name in given) && !optional.includes(name))).toEqual([]);
    expect(listed).toContain(MARK);
  });
});
