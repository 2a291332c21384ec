import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasTools } from '../../../support/tools.ts';
import { client, failure, json } from './serve.ts';

describe.skipIf(!hasTools('openssl'))('TLS (skipped where openssl is not installed)', () => {
  let folder: string;
  let url: string;
  let server: https.Server;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rig-tls-'));
    const file = (name: string): string => join(folder, name);
    const args = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
    ];
    execFileSync(
      'openssl',
      [...args, '-addext', 'subjectAltName=DNS:localhost', '-keyout', file('key.pem'), '-out', file('ca.pem')],
      { stdio: 'ignore' },
    );
    server = https.createServer(
      { key: readFileSync(file('key.pem')), cert: readFileSync(file('ca.pem')) },
      (_, response) => json(response, 200, { tls: true }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://localhost:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = async (to: string, options = {}): Promise<unknown> => {
    const http = client(to, options);
    try {
      return await http.get('/v1/apps');
    } finally {
      http.dispose();
    }
  };

  it('refuses a certificate of an unknown authority, and says how to trust it', async () => {
    const error = await failure(ask(url));
    expect(error).toMatchObject({ code: 'RIG_UNREACHABLE', exitCode: 6 });
    expect(error.message).toContain('self-signed');
    expect(error.hint).toContain('rig config set ca-file');
  });

  it('trusts the authority of ca-file', async () => {
    expect(await ask(url, { caFile: join(folder, 'ca.pem') })).toEqual({ tls: true });
  });

  it('still trusts the one of NODE_EXTRA_CA_CERTS beside another ca-file, and warns where that one is broken', async () => {
    const args = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=other',
    ];
    execFileSync('openssl', [...args, '-keyout', join(folder, 'other.key'), '-out', join(folder, 'other.pem')], {
      stdio: 'ignore',
    });
    const caFile = join(folder, 'other.pem');
    expect(await ask(url, { caFile, extraCaFile: join(folder, 'ca.pem') })).toEqual({ tls: true });
    const warnings: string[] = [];
    const warn = (code: string): void => void warnings.push(code);
    await failure(ask(url, { caFile, extraCaFile: join(folder, 'none.pem'), warn }));
    // Node 22 and later read that file themselves.
    expect(warnings).toEqual(Number(process.versions.node.split('.')[0]) >= 22 ? [] : ['RIG_BAD_CA_FILE']);
  });

  it('refuses a certificate of another name', async () => {
    const error = await failure(ask(url.replace('localhost', '127.0.0.1'), { caFile: join(folder, 'ca.pem') }));
    expect(error.message).toContain('another host name');
  });

  it.each([
    ['is not there', undefined, 'ENOENT'],
    ['holds no certificate', 'hello', 'no certificate'],
    ['holds a broken one', '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n', 'broken'],
  ])('refuses a ca-file that %s', async (_, content, why) => {
    const caFile = join(folder, 'bad.pem');
    rmSync(caFile, { force: true });
    if (content !== undefined) writeFileSync(caFile, content);
    const error = await failure(ask(url, { caFile }));
    expect(error).toMatchObject({ code: 'RIG_BAD_CA_FILE', exitCode: 2 });
    expect(error.message).toContain(why);
  });
});
