import { describe, expect, test } from 'vitest';
import type { Deployment, DeploymentFailure } from '../../../../plugin-api/src/max/index.ts';
import { deployFailure, interruptedDeploy, interruptedUpload } from '../../../../plugins/deploy/src/follow/outcome.ts';

const failure: DeploymentFailure = {
  code: 'RIG_NOT_HEALTHY',
  reason: 'nothing answered',
  fix: 'listen on PORT',
  lines: ['up on 3999'],
  openPorts: [3999],
};

const ended = (more: Partial<Deployment>): Deployment => ({
  id: 'dep_1',
  app: 'api',
  network: 'shop',
  kind: 'deploy',
  stopped: false,
  state: 'failed',
  seq: 5,
  buildId: null,
  release: null,
  url: '',
  failure: null,
  createdAt: '',
  updatedAt: '',
  ...more,
});

describe('deployFailure', () => {
  test('has the code, reason, fix, last lines and open ports of the deployment', () => {
    const deployment = ended({ failure });
    expect(deployFailure(deployment)).toMatchObject({
      code: 'RIG_NOT_HEALTHY',
      exitCode: 1,
      message: 'deployment dep_1 of api.shop failed: nothing answered; the process opened port 3999',
      hint: 'listen on PORT',
      lines: ['up on 3999'],
      details: { deployment },
    });
  });

  test('does not say again what stands right above it', () => {
    const built = { ...failure, lines: ['building', 'no such module'] };
    expect(deployFailure(ended({ failure: built }), ['> build', 'building', 'no such module']).lines).toBeUndefined();
    expect(deployFailure(ended({ failure: built }), ['building']).lines).toEqual(['building', 'no such module']);
  });

  test('names a port once', () => {
    const told = { ...failure, reason: 'it listens on port 3999', openPorts: [3999, 4000, 399] };
    expect(deployFailure(ended({ failure: told })).message).toMatch(/port 3999; the process opened ports 4000, 399$/);
  });

  test('of one that failed without a reason says just that', () => {
    expect(deployFailure(ended({}))).toMatchObject({
      code: 'RIG_DEPLOY_FAILED',
      exitCode: 1,
      message: 'deployment dep_1 of api.shop failed without a reason',
      hint: 'what serves now: rig status app api.shop',
    });
  });

  test('knows a cancelled one', () => {
    expect(deployFailure(ended({ state: 'cancelled' }))).toMatchObject({ code: 'RIG_DEPLOY_CANCELLED', exitCode: 1 });
  });
});

test('an interrupt says what goes on, and where to look', () => {
  expect(interruptedDeploy(ended({ state: 'building' }))).toMatchObject({
    code: 'RIG_INTERRUPTED',
    exitCode: 130,
    message: expect.stringContaining('dep_1 of api.shop goes on in Max (it was building)'),
    hint: 'follow it: rig deploy attach dep_1 --app api.shop; or end it: rig deploy cancel dep_1 --app api.shop',
  });
  expect(interruptedUpload()).toMatchObject({
    exitCode: 130,
    message: expect.stringContaining('nothing was deployed'),
  });
});
