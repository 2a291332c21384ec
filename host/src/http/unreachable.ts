import { ExitCode, RigError } from '@rig/plugin-api';
import { isLoopback } from './server-url.ts';

interface Cause {
  /** Completes "cannot reach Max at SERVER: …". */
  why: string;
  /** What mends it where that is not the server's being down. */
  hint?: string;
}

const CA_HINT = 'if the server has a certificate of your own authority, name its file: rig config set ca-file FILE';

const TLS: Record<string, Cause> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: { why: 'its certificate is self-signed', hint: CA_HINT },
  SELF_SIGNED_CERT_IN_CHAIN: { why: 'its certificate comes from an authority that is not trusted here', hint: CA_HINT },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    why: 'its certificate comes from an authority that is not trusted here',
    hint: CA_HINT,
  },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    why: 'its certificate comes from an authority that is not trusted here',
    hint: CA_HINT,
  },
  UNABLE_TO_GET_ISSUER_CERT: { why: 'its certificate comes from an authority that is not trusted here', hint: CA_HINT },
  CERT_HAS_EXPIRED: {
    why: 'its certificate has expired',
    hint: 'check the clock of this machine: date; else the server needs a new certificate',
  },
  CERT_NOT_YET_VALID: { why: 'its certificate is not valid yet', hint: 'check the clock of this machine: date' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    why: 'its certificate is for another host name',
    hint: 'use the host name that the certificate is for',
  },
};

const NETWORK: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused, nothing listens there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was cut in the middle of the answer',
  ETIMEDOUT: 'the connection timed out',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up, the name server does not answer',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to its network',
  EADDRNOTAVAIL: 'there is no free local port or address for the connection',
  EMFILE: 'this process has too many open files',
  ENETDOWN: 'the network is down',
};

function causeOf(code: string, server: string): Cause {
  const tls = TLS[code];
  if (tls) return tls;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return {
      why: 'it does not speak TLS as it should',
      hint: `perhaps it speaks http: ${server.replace(/^https:/, 'http:')}`,
    };
  }
  if (code.startsWith('HPE_')) return { why: 'what listens there does not speak HTTP' };
  return { why: NETWORK[code] ?? `the connection failed (${code || 'no code'})` };
}

/** The code of a network error, also where it hides in the errors of several addresses. */
export function networkCode(error: unknown): string {
  const { code, erroredSysCall, errors, cause } = (error ?? {}) as {
    code?: unknown;
    erroredSysCall?: unknown;
    errors?: unknown[];
    cause?: unknown;
  };
  if (typeof code === 'string' && code !== '') return code;
  if (Array.isArray(errors) && errors.length > 0) return networkCode(errors[0]);
  if (cause) return networkCode(cause);
  return typeof erroredSysCall === 'string' ? erroredSysCall : '';
}

/** Where to look when a server does not answer: its start where it is this machine's, the settings otherwise. */
export function reachHint(server: string): string {
  return isLoopback(server)
    ? 'start it with: rig max up'
    : 'see which server is chosen with: rig config list; choose another by context or RIG_SERVER';
}

/** Makes the error of a network failure: which server, why, and what mends it. */
export function unreachable(server: string, error: unknown): RigError {
  const code = networkCode(error);
  const { why, hint } = causeOf(code, server);
  return new RigError({
    code: 'RIG_UNREACHABLE',
    message: `cannot reach Max at ${server}: ${why}`,
    hint: hint ?? reachHint(server),
    exitCode: ExitCode.Unreachable,
    details: { server, cause: code || 'unknown' },
    cause: error,
  });
}

/** Makes the error of a server that keeps silent for too long. */
export function timedOut(server: string, what: string, ms: number): RigError {
  const seconds = Math.round(ms / 100) / 10;
  return new RigError({
    code: 'RIG_TIMEOUT',
    message: `Max at ${server} did not answer ${what} within ${seconds} s`,
    hint: isLoopback(server)
      ? 'see whether it is well with: rig max status'
      : 'try again; if it stays so, see whether the server is well',
    exitCode: ExitCode.TimedOut,
    details: { server },
  });
}
