import { formatBytes } from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';
import type { App, AppStatus, Deployment, Network } from '../../../../plugin-api/src/max/index.ts';
import { appDetailsView, appList, appStatusView } from '../../../../plugins/resources/src/views/app.ts';
import { auditList } from '../../../../plugins/resources/src/views/audit.ts';
import { version, when } from '../../../../plugins/resources/src/views/format.ts';
import { deploymentList } from '../../../../plugins/resources/src/views/history.ts';
import { networkList, networkStatusView } from '../../../../plugins/resources/src/views/network.ts';

const time = '2026-03-01T09:30:05.123Z';
const network: Network = { id: 'net_1', name: 'shop', hostname: 'shop.localhost', apps: 1, createdAt: time };
const app: App = {
  id: 'app_1',
  name: 'api',
  network: 'shop',
  hostname: 'api.shop.localhost',
  url: 'http://api.shop.localhost:7420',
  state: 'running',
  release: 3,
  settings: {
    healthcheck: null,
    healthTimeoutSeconds: null,
    drainTimeoutSeconds: null,
    stopTimeoutSeconds: 20,
    logs: { maxBytes: null, maxAgeDays: null },
  },
  createdAt: time,
  updatedAt: time,
};

const cells = <T>(columns: ReadonlyArray<{ value(row: T): unknown }>, row: T): unknown[] =>
  columns.map((column) => column.value(row));

describe('format', () => {
  test('times are in UTC, sizes in powers of 1000, releases have a v', () => {
    expect(when(time)).toBe('2026-03-01 09:30:05Z');
    expect([when(null), when('not a time')]).toEqual([null, 'not a time']);
    expect([formatBytes(0), formatBytes(999), formatBytes(1500), formatBytes(5e9)]).toEqual([
      '0 B',
      '999 B',
      '1.5 kB',
      '5.0 GB',
    ]);
    expect([version(3), version(null)]).toEqual(['v3', null]);
  });
});

describe('lists', () => {
  test('a row of each, and the name for scripts', () => {
    expect(cells(networkList.columns, network)).toEqual(['shop', 'shop.localhost', 1, '2026-03-01 09:30:05Z']);
    expect(networkList.name(network)).toBe('shop');
    expect(networkList.empty).toContain('rig create network shop');
    expect(cells(appList.columns, app)).toEqual(['api', 'shop', 'running', 'v3', app.url]);
    expect(appList.name(app)).toBe('api.shop');
  });

  test('what was run, which may be long, stands last in the audit', () => {
    expect(auditList.columns.at(-1)?.header).toBe('WHAT');
  });

  test('a failed deployment says why', () => {
    const failure: Deployment['failure'] = {
      code: 'RIG_BUILD_FAILED',
      reason: 'npm ci failed',
      fix: '',
      lines: [],
      openPorts: [],
    };
    const ids = { id: 'dep_1', buildId: 'bld_1', app: 'api', network: 'shop', url: '' };
    const row: Deployment = {
      ...ids,
      kind: 'deploy',
      stopped: false,
      state: 'failed',
      seq: 3,
      release: null,
      failure,
      createdAt: time,
      updatedAt: time,
    };
    expect(cells(deploymentList.columns, row)).toEqual([
      'dep_1',
      'deploy',
      'failed',
      null,
      '2026-03-01 09:30:05Z',
      'npm ci failed',
    ]);
  });
});

describe('status', () => {
  const status: AppStatus = { app, instances: [], formation: { web: 2 }, deployment: null, events: [] };

  test('of an app with instances and events', () => {
    const blocks = appStatusView.view({
      ...status,
      deployment: { id: 'dep_1', state: 'failed', at: time, reason: 'never answered' },
      instances: [
        {
          name: 'web.1',
          process: 'web',
          state: 'healthy',
          release: 3,
          pid: 12,
          port: 4000,
          startedAt: time,
          restarts: 1,
          lastExit: 'exit 1',
          failure: null,
        },
        {
          name: 'web.2',
          process: 'web',
          state: 'backing-off',
          release: 3,
          pid: null,
          port: null,
          startedAt: time,
          restarts: 2,
          lastExit: 'SIGABRT, out of memory',
          failure: {
            code: 'RIG_OUT_OF_MEMORY',
            reason: 'ended (SIGABRT, out of memory)',
            since: time,
            retryAt: '2026-03-01T09:31:00.000Z',
          },
        },
      ],
      events: [{ at: time, type: 'instance.crashed', text: 'web.1 crashed' }],
    });
    expect(blocks).toMatchObject([
      {
        fields: [
          ['app', 'api.shop'],
          ['state', 'running'],
          ['release', 'v3'],
          ['url', app.url],
          ['healthy', 'web 1 of 2'],
          ['deployment', 'dep_1 failed 2026-03-01 09:30:05Z: never answered'],
        ],
      },
      {
        heading: 'Instances',
        rows: [
          ['web.1', 'healthy', 'v3', 12, 4000, '2026-03-01 09:30:05Z', 1, 'exit 1'],
          ['web.2', 'backing-off', 'v3', null, null, '2026-03-01 09:30:05Z', 2, 'SIGABRT, out of memory'],
        ],
      },
      {
        heading: 'Failures',
        columns: ['NAME', 'CODE', 'SINCE', 'NEXT START', 'REASON'],
        rows: [
          [
            'web.2',
            'RIG_OUT_OF_MEMORY',
            '2026-03-01 09:30:05Z',
            '2026-03-01 09:31:00Z',
            'ended (SIGABRT, out of memory)',
          ],
        ],
      },
      'See why: rig logs app api.shop',
      { heading: 'Last events', columns: ['AT', 'EVENT'], rows: [['2026-03-01 09:30:05Z', 'web.1 crashed']] },
    ]);
  });

  test('of an app that is stopped names the command that starts it', () => {
    const blocks = appStatusView.view({ ...status, app: { ...app, state: 'stopped' } });
    expect(blocks).toContain('Stopped: rig start app api.shop');
  });

  test('of an app without a deploy names the command that makes one', () => {
    const blocks = appStatusView.view({ ...status, app: { ...app, release: null, state: 'empty' } });
    expect(blocks).toContain('Nothing deployed yet: rig deploy --app api.shop');
  });

  test('of an empty network names the command that makes an app', () => {
    const blocks = networkStatusView.view({ network: { ...network, apps: 0 }, apps: [], events: [] });
    expect(blocks).toContain('No apps yet. Make one: rig create app api --network shop');
  });
});

test('details show the whole configuration', () => {
  const blocks = appDetailsView.view({
    app,
    source: { files: 3, bytes: 2000, digest: 'abc' },
    builder: 'node: package.json',
    processes: { web: 'npm start' },
    healthcheck: null,
    instances: 3,
    formation: { web: 2, worker: 1 },
    logs: { keptBytes: 10, maxBytes: 1000, maxAgeDays: 7, first: { seq: 4, at: time }, last: null },
    buildCache: { bytes: 3_000_000, maxBytes: 2_000_000_000 },
  });
  expect(blocks[0]).toMatchObject({
    fields: expect.arrayContaining([
      ['source', '3 files, 2.0 kB, abc'],
      ['healthcheck', 'the port opens'],
      ['instances', 'web 2, worker 1'],
      ['stop-timeout', '20s'],
      ['health-timeout', '1m (default)'],
      ['logs', '10 B kept, at most 1.0 kB and 7d'],
      ['oldest line', 'line 4, 2026-03-01 09:30:05Z'],
      ['newest line', 'none'],
      ['build cache', '3.0 MB kept, at most 2.0 GB'],
    ]),
  });
  expect(blocks[1]).toMatchObject({ heading: 'Processes', rows: [['web', 'npm start']] });
});
