import { ExitCode, isRigError, RigError } from '@rig/plugin-api';
import { notSignedIn } from '../auth/sign-in-errors.ts';
import { plainText } from '../http/plain-text.ts';
import { isProblem, problemError } from '../http/problem.ts';
import { reachHint, unreachable } from '../http/unreachable.ts';

/** Why a connection did not come about. */
export type ConnectFailure =
  | { readonly kind: 'token'; readonly error: unknown }
  | { readonly kind: 'network'; readonly error: unknown }
  | { readonly kind: 'refused'; readonly status: number; readonly body: string; readonly token: string };

/** Makes the error of a connection that did not come about. */
export function connectError(server: string, failure: ConnectFailure): unknown {
  if (failure.kind === 'token') return failure.error;
  if (failure.kind === 'network') return isRigError(failure.error) ? failure.error : unreachable(server, failure.error);
  const { status, body } = failure;
  const problem = parse(body);
  if (isProblem(problem)) {
    return problemError({ server, status, body: problem, requestId: undefined, retryAfter: undefined }, problem);
  }
  if (refusesToken(status)) return notSignedIn(server, 'Max does not accept this sign-in for its socket');
  return new RigError({
    code: 'RIG_UNREACHABLE',
    message: `cannot reach Max at ${server}: it answers ${status} where its socket should be`,
    hint: reachHint(server),
    exitCode: ExitCode.Unreachable,
    details: { server, status },
  });
}

/** Whether trying again would end the same way. */
export function isDefinite(failure: ConnectFailure): boolean {
  if (failure.kind === 'network') return isRigError(failure.error);
  if (failure.kind === 'refused') return refusesToken(failure.status);
  return !(isRigError(failure.error) && ['RIG_UNREACHABLE', 'RIG_TIMEOUT'].includes(failure.error.code));
}

/** Makes the error of a join that Max refused. */
export function joinRefused(server: string, topic: string, response: unknown): RigError {
  return (
    problemOf(server, response) ??
    new RigError({
      code: 'RIG_JOIN_REFUSED',
      message: `Max does not let this command follow ${topic}: ${reasonOf(response)}`,
      hint: 'check that it still exists, and that you may see it: rig whoami',
      exitCode: isDenial(response) ? ExitCode.Denied : ExitCode.Failed,
      details: { topic, response: plainResponse(response) },
    })
  );
}

/** Makes the error of a push that Max answered with an error. */
export function pushRefused(server: string, topic: string, event: string, response: unknown): RigError {
  return (
    problemOf(server, response) ??
    new RigError({
      code: 'RIG_CHANNEL_ERROR',
      message: `Max refused ${event} on ${topic}: ${reasonOf(response)}`,
      exitCode: isDenial(response) ? ExitCode.Denied : ExitCode.Failed,
      details: { topic, event, response: plainResponse(response) },
    })
  );
}

/** Makes the error of a channel that is no more; `unsure` where a push may or may not have been carried out. */
export function channelClosed(topic: string, why: string, unsure?: string): RigError {
  const doubt = unsure === undefined ? '' : `; whether Max has carried out ${unsure} is not known`;
  return new RigError({
    code: 'RIG_CHANNEL_CLOSED',
    message: `the channel ${topic} is closed: ${why}${doubt}`,
    hint: 'run the command again',
    exitCode: ExitCode.Unreachable,
    details: { topic },
  });
}

/** Makes the error of a channel whose server side fails again and again. */
export function channelCrashed(topic: string): RigError {
  return new RigError({
    code: 'RIG_CHANNEL_ERROR',
    message: `Max fails to serve ${topic}: it broke off several times in a row`,
    hint: 'see why in the log of Max: rig max logs',
    details: { topic },
  });
}

/** Makes the error of an answer that did not come in time. */
export function answerLate(server: string, what: string, ms: number): RigError {
  return new RigError({
    code: 'RIG_TIMEOUT',
    message: `Max at ${server} did not answer ${what} within ${Math.round(ms / 100) / 10} s`,
    hint: 'try again; if it stays so, see whether the server is well: rig max status',
    exitCode: ExitCode.TimedOut,
    details: { server },
  });
}

/** Makes the error of a reader that is slower than its channel. */
export function slowConsumer(topic: string, unread: number): RigError {
  return new RigError({
    code: 'RIG_SLOW_CONSUMER',
    message: `events of ${topic} come faster than they are read: ${unread} wait, and no more are kept`,
    hint: 'read faster (write to a file, or leave out what is slow behind the pipe), then run the command again',
    details: { topic, unread },
  });
}

/** Makes the error of a push that is not sent because the channel is not joined now. */
export function offline(topic: string, event: string, why: string): RigError {
  return new RigError({
    code: 'RIG_OFFLINE',
    message: `${event} was not sent to ${topic}: ${why}`,
    hint: 'try again when the connection is back; whether Max runs: rig max status',
    exitCode: ExitCode.Unreachable,
    details: { topic, event },
  });
}

/** Makes the error of a ping without a connection. */
export function noConnection(server: string): RigError {
  return new RigError({
    code: 'RIG_OFFLINE',
    message: `there is no connection to Max at ${server} now`,
    hint: reachHint(server),
    exitCode: ExitCode.Unreachable,
    details: { server },
  });
}

/** The error of a command that was interrupted. */
export function interrupted(cause: unknown): unknown {
  if (isRigError(cause)) return cause;
  return new RigError({ code: 'RIG_INTERRUPTED', message: 'interrupted', exitCode: ExitCode.Interrupted, cause });
}

/** Whether asking again would give the same refusal. */
export function isFinalRefusal(response: unknown): boolean {
  if (isDenial(response)) return true;
  const { status } = (isProblem(response) ? response : {}) as { status?: number };
  return status !== undefined && status >= 400 && status < 500 && status !== 429 && status !== 408;
}

function isDenial(response: unknown): boolean {
  const { reason } = (response ?? {}) as { reason?: unknown };
  return reason === 'unauthorized' || reason === 'forbidden';
}

function problemOf(server: string, response: unknown): RigError | undefined {
  if (!isProblem(response)) return undefined;
  const { status } = response;
  return problemError({ server, status, body: response, requestId: undefined, retryAfter: undefined }, response);
}

function reasonOf(response: unknown): string {
  const { reason, message } = (response ?? {}) as { reason?: unknown; message?: unknown };
  return plainText(reason) || plainText(message) || 'it gave no reason';
}

function plainResponse(response: unknown): unknown {
  return response instanceof Uint8Array ? `${response.byteLength} bytes` : response;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Says whether an upgrade was refused for its token: with 403, as Phoenix refuses a connect, or with 401. */
export function refusesToken(status: number): boolean {
  return status === 401 || status === 403;
}
