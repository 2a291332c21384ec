import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { ExitCode, RigError } from '@rig/plugin-api';

/** Which authorities are trusted beside those that Node brings. */
export interface Trust {
  /** PEM file of the setting `ca-file`. */
  caFile?: string | undefined;
  /** The file of `NODE_EXTRA_CA_CERTS`, which Node forgets once a list of authorities is given. */
  extraCaFile?: string | undefined;
  warn?: ((code: string, text: string) => void) | undefined;
}

/** The connections of one transport, kept open between requests. */
export interface Agents {
  /** The agent for a URL. */
  of(url: URL): http.Agent;
  /** Starts a request and tells whether it took a connection that had been used before. */
  watch<T>(start: () => T): { started: T; reused: boolean };
  destroy(): void;
}

// Node gives up an address after 250 ms otherwise, which no server on the other side of the world can meet.
const OPTIONS = { keepAlive: true, autoSelectFamilyAttemptTimeout: 2500 };

function pem(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw badCa(file, `it cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g);
  if (!certificates) throw badCa(file, 'there is no certificate in PEM form in it');
  try {
    // TLS itself passes over what it cannot read, and the connection would fail for a reason that nobody finds.
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch (error) {
    throw badCa(file, 'a certificate in it is broken', error);
  }
  return text;
}

const badCa = (file: string, why: string, cause?: unknown): RigError =>
  new RigError({
    code: 'RIG_BAD_CA_FILE',
    message: `the CA file ${file} cannot be used: ${why}`,
    hint: 'name a file with certificates in PEM form: rig config set ca-file FILE',
    exitCode: ExitCode.Usage,
    cause,
  });

function authorities({ caFile, extraCaFile, warn }: Trust): string[] | undefined {
  if (caFile === undefined) return undefined;
  const own = pem(caFile);
  // Node 22 knows the list that it would have used; on 20 it must be put together.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates) return [...getCACertificates('default'), own];
  const all = [...tls.rootCertificates, own];
  if (extraCaFile) {
    try {
      all.push(pem(extraCaFile));
    } catch {
      warn?.('RIG_BAD_CA_FILE', `the CA file ${extraCaFile} of NODE_EXTRA_CA_CERTS cannot be used and is left out`);
    }
  }
  return all;
}

/** Makes the connection pools of a transport; the one for TLS, with its certificates, on its first use. */
export function createAgents(trust: Trust): Agents {
  let reused = false;
  const noting = <A extends http.Agent>(agent: A): A => {
    const reuse = agent.reuseSocket.bind(agent);
    agent.reuseSocket = (socket: Duplex, request: http.ClientRequest) => {
      reused = true;
      reuse(socket, request);
    };
    return agent;
  };
  let plain: http.Agent | undefined;
  let secure: https.Agent | undefined;
  return {
    of(url) {
      if (url.protocol === 'http:') {
        plain ??= noting(new http.Agent(OPTIONS));
        return plain;
      }
      secure ??= noting(new https.Agent({ ...OPTIONS, ca: authorities(trust) }));
      return secure;
    },
    watch(start) {
      // A pooled connection is taken synchronously while the request is made.
      reused = false;
      return { started: start(), reused };
    },
    destroy() {
      plain?.destroy();
      secure?.destroy();
    },
  };
}
