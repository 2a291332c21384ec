import { describe, expect, test } from 'vitest';
import { type Http, RigError } from '../../../plugin-api/src/index.ts';
import { createDeployment } from '../../../plugins/deploy/src/create-deployment.ts';

const ref = { app: 'api', network: 'shop', origin: '--app' };
const source = { upload: 'upl_1', cache: true };
const cut = new RigError({ code: 'RIG_UNREACHABLE', message: 'the connection was cut', exitCode: 6 });

/** HTTP that fails with each of the errors in turn, then answers. */
function httpOf(...errors: RigError[]) {
  const keys: unknown[] = [];
  const post = async (_path: string, options: { idempotencyKey?: unknown }) => {
    keys.push(options.idempotencyKey);
    const error = errors.shift();
    if (error) throw error;
    return { id: 'dep_1' };
  };
  return { http: { post } as unknown as Http, keys };
}

describe('createDeployment', () => {
  const never = new AbortController().signal;

  test('is sent again with the same key after a cut', async () => {
    const { http, keys } = httpOf(cut, cut);
    expect(await createDeployment(http, ref, source, never, [1, 1])).toEqual({ id: 'dep_1' });
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  test('says after the last try that nobody knows', async () => {
    const { http } = httpOf(cut, cut, cut);
    await expect(createDeployment(http, ref, source, never, [1])).rejects.toMatchObject({
      code: 'RIG_UNREACHABLE',
      exitCode: 6,
      message: expect.stringContaining('not known'),
      hint: 'see: rig list deployments --app api.shop',
    });
  });

  test('what no try can mend is thrown as it is', async () => {
    const busy = new RigError({ code: 'RIG_DEPLOY_IN_PROGRESS', message: 'one is under way', exitCode: 5 });
    const { http, keys } = httpOf(busy);
    await expect(createDeployment(http, ref, source, never)).rejects.toBe(busy);
    expect(keys).toHaveLength(1);
  });

  test('an interrupt while the request is under way leaves it open whether it began', async () => {
    const interrupted = new RigError({ code: 'RIG_INTERRUPTED', message: 'interrupted', exitCode: 130 });
    const { http } = httpOf(interrupted);
    await expect(createDeployment(http, ref, source, AbortSignal.abort())).rejects.toMatchObject({
      code: 'RIG_INTERRUPTED',
      exitCode: 130,
      message: expect.stringContaining('not known'),
    });
  });
});
