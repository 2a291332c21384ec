import { ExitCode, RigError } from '@rig/plugin-api';
import { expect, test } from 'vitest';
import { errorOf, failureMessage, type MaxMessage } from '../../../plugins/max/src/ipc.ts';

/** What the rig that started Max makes of an error there, after it went between the processes as JSON. */
function told(error: unknown): RigError {
  const message = JSON.parse(JSON.stringify(failureMessage(error))) as MaxMessage & { kind: 'failed' };
  return errorOf(message);
}

test('an error of Max keeps its code, exit code, hint and details on the way to rig', () => {
  const error = { code: 'RIG_PORT_TAKEN', message: 'taken', hint: 'another', exitCode: ExitCode.Conflict };
  expect(told(new RigError({ ...error, details: { port: 1 } }))).toMatchObject({ ...error, details: { port: 1 } });
});

test('anything else that ends Max says so, and where to look', () => {
  expect(told(new Error('out of luck'))).toMatchObject({
    code: 'RIG_MAX_FAILED',
    message: 'Max failed: out of luck',
    hint: 'see: rig max logs',
    exitCode: ExitCode.Failed,
  });
});
