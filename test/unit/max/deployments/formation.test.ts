import { expect, test } from 'vitest';
import {
  byInstanceName,
  checkFormation,
  formationOf,
  instanceNames,
  processTypeOf,
} from '../../../../plugins/max/src/deployments/formation.ts';

const command = (text: string) => ({ kind: 'command' as const, command: text });
const processes = {
  worker: command('w'),
  release: command('r'),
  'clock.2': command('c'),
  web: command('s'),
  constructor: command('x'),
};
const app = { id: 'app_1', name: 'api', network: 'shop', networkId: 'net_1', createdAt: '', updatedAt: '' };

test('each type but release has one instance unless another number is set; web comes first', () => {
  expect(Object.entries(formationOf(processes, { worker: 0, gone: 5 }))).toEqual([
    ['web', 1],
    ['clock.2', 1],
    ['constructor', 1],
    ['worker', 0],
  ]);
});

test('a release of nothing but types that were set to 0 runs one of each', () => {
  expect(formationOf({ worker: command('w') }, { worker: 0 })).toEqual({ worker: 1 });
});

test('names count from 1, tell their type and have an order', () => {
  const names = instanceNames({ web: 2, worker: 0, 'clock.2': 1 });
  expect(names).toEqual(['web.1', 'web.2', 'clock.2.1']);
  expect(names.map(processTypeOf)).toEqual(['web', 'web', 'clock.2']);
  expect(['worker.10', 'web.2', 'clock.1', 'worker.9', 'web.1'].sort(byInstanceName)).toEqual([
    'web.1',
    'web.2',
    'clock.1',
    'worker.9',
    'worker.10',
  ]);
});

test('a type that is not there, and a formation of nothing, are refused', () => {
  expect(() => checkFormation(app, processes, {}, { release: 1 })).toThrow(
    expect.objectContaining({ code: 'RIG_PROCESS_NOT_FOUND', status: 404 }),
  );
  const some = { worker: command('w'), clock: command('c') };
  expect(() => checkFormation(app, some, { clock: 0 }, { worker: 0 })).toThrow(
    expect.objectContaining({ code: 'RIG_NOTHING_TO_RUN', status: 422 }),
  );
  expect(() => checkFormation(app, some, { clock: 0 }, { worker: 1 })).not.toThrow();
});
