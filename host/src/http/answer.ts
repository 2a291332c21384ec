import { ExitCode, RigError } from '@rig/plugin-api';
import { MAX_API_HEADER, MAX_API_VERSION } from '@rig/plugin-api/max';
import { plainText } from './plain-text.ts';
import { isProblem, problemError } from './problem.ts';
import { isLoopback, loginCommand } from './server-url.ts';
import type { TransportReply } from './transport.ts';
import { reachHint } from './unreachable.ts';

/** What an answer is judged by: who was asked, and for what (`GET /v1/apps`). */
export interface Asked {
  server: string;
  what: string;
}

const contentType = (reply: TransportReply): string =>
  plainText(reply.headers.get('content-type')?.split(';')[0], 100) || 'no content type';

const requestIdOf = (reply: TransportReply): string | undefined => {
  const id = plainText(reply.headers.get('x-request-id'), 100);
  return id === '' ? undefined : id;
};

function badAnswer(asked: Asked, reply: TransportReply, why: string): RigError {
  const gateway = reply.status === 502 || reply.status === 503 || reply.status === 504;
  const requestId = requestIdOf(reply);
  return new RigError({
    code: 'RIG_BAD_ANSWER',
    message: `${asked.server} answered ${asked.what} with ${reply.status} and ${contentType(reply)}: ${why}`,
    hint: isLoopback(asked.server) ? 'see what listens there with: rig max status' : reachHint(asked.server),
    exitCode: gateway ? ExitCode.Unreachable : ExitCode.Failed,
    details: { server: asked.server, status: reply.status, contentType: contentType(reply) },
    ...(requestId === undefined ? {} : { requestId }),
  });
}

function redirected(asked: Asked, reply: TransportReply): RigError {
  const location = reply.headers.get('location') ?? '';
  const to = URL.canParse(location, `${asked.server}/`) ? new URL(location, `${asked.server}/`) : undefined;
  const web = to && (to.protocol === 'http:' || to.protocol === 'https:') ? to : undefined;
  return new RigError({
    code: 'RIG_REDIRECT',
    // Without query and user info: those may carry somebody's secret.
    message: `${asked.server} sends ${asked.what} elsewhere (${reply.status}) to ${web ? web.origin + plainText(web.pathname, 200) : 'no usable URL'}, and rig follows no redirect: it would carry your token there`,
    hint:
      web && web.origin !== new URL(asked.server).origin
        ? `if Max is there now, sign in there: ${loginCommand(web.origin)}`
        : reachHint(asked.server),
    exitCode: ExitCode.Failed,
    details: { server: asked.server, status: reply.status },
  });
}

function checkVersion(asked: Asked, header: string): void {
  const major = header.trim().split('.')[0] ?? '';
  if (major === MAX_API_VERSION) return;
  const older = /^\d+$/.test(major) && Number(major) < Number(MAX_API_VERSION);
  const shown = plainText(header, 20);
  throw new RigError({
    code: 'RIG_MAX_VERSION',
    message: `Max at ${asked.server} speaks version ${shown} of the Max API, this rig speaks version ${MAX_API_VERSION}`,
    hint: older
      ? `this rig fits a Max of API version ${MAX_API_VERSION}: update that Max, or use a rig of API version ${shown}`
      : `update rig: one that speaks version ${shown} of the Max API fits`,
    exitCode: ExitCode.Failed,
    details: { server: asked.server, theirs: shown, ours: MAX_API_VERSION },
  });
}

function parse(asked: Asked, reply: TransportReply): unknown {
  if (reply.text === '') return undefined;
  const type = contentType(reply);
  if (/^application\/(.+\+)?json$/.test(type)) {
    try {
      return JSON.parse(reply.text);
    } catch {
      throw badAnswer(asked, reply, 'the JSON in it is broken');
    }
  }
  if (type.startsWith('text/') && type !== 'text/html') return reply.text;
  throw badAnswer(asked, reply, 'that is not what Max answers with');
}

/** Makes sure that an answer comes from a Max of the right version. @throws RigError `RIG_REDIRECT`, `RIG_NOT_MAX`, `RIG_MAX_VERSION`, `RIG_BAD_ANSWER` */
export function checkMax(asked: Asked, reply: TransportReply): void {
  if (reply.status >= 300 && reply.status < 400) throw redirected(asked, reply);
  const header = reply.headers.get(MAX_API_HEADER);
  if (header !== null) {
    checkVersion(asked, header);
    return;
  }
  if (reply.status >= 400 && !contentType(reply).endsWith('json')) {
    throw badAnswer(asked, reply, 'that comes from a proxy in between or from another program, not from Max');
  }
  throw new RigError({
    code: 'RIG_NOT_MAX',
    message: `${asked.server} is not a Max: its answer to ${asked.what} (${reply.status}, ${contentType(reply)}) has no "${MAX_API_HEADER}" header`,
    hint: reachHint(asked.server),
    exitCode: ExitCode.Failed,
    details: { server: asked.server, status: reply.status },
  });
}

/** Reads an answer of Max: the data of a good one. @throws RigError of the problem document of a bad one */
export function readAnswer(asked: Asked, reply: TransportReply): { data: unknown; requestId: string | undefined } {
  checkMax(asked, reply);
  const data = parse(asked, reply);
  const requestId = requestIdOf(reply);
  if (reply.status < 300) return { data, requestId };
  if (!isProblem(data)) throw badAnswer(asked, reply, 'it does not say what is wrong');
  throw problemError(
    {
      server: asked.server,
      status: reply.status,
      body: data,
      requestId,
      retryAfter: reply.headers.get('retry-after') ?? undefined,
    },
    data,
  );
}
