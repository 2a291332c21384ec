import { expect, test } from 'vitest';
import { RigError } from '../../../plugin-api/src/index.ts';
import { explain } from '../../../plugins/resources/src/explain.ts';

const failing = (code: string) => async (): Promise<never> => {
  throw new RigError({
    code,
    message: 'it failed',
    hint: 'the old hint',
    exitCode: 3,
    requestId: 'req_1',
    details: { a: 1 },
  });
};

test('an error of a known code gets a hint that knows what was typed, and keeps the rest', async () => {
  await expect(explain({ RIG_X: 'rig do this' }, failing('RIG_X'))).rejects.toMatchObject({
    code: 'RIG_X',
    message: 'it failed',
    hint: 'rig do this',
    exitCode: 3,
    requestId: 'req_1',
    details: { a: 1 },
  });
});

test('a hint may have to be found out', async () => {
  const hint = async (error: RigError): Promise<string> => `${error.code} found`;
  await expect(explain({ RIG_X: hint }, failing('RIG_X'))).rejects.toMatchObject({ hint: 'RIG_X found' });
});

test('other errors are left alone', async () => {
  await expect(explain({ RIG_X: 'no' }, failing('RIG_Y'))).rejects.toMatchObject({ hint: 'the old hint' });
  const broken = new TypeError('broken');
  await expect(
    explain({ RIG_X: 'no' }, async () => {
      throw broken;
    }),
  ).rejects.toBe(broken);
});
