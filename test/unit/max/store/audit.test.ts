import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Principal } from '../../../../plugins/max/src/auth/authority.ts';
import { Audit } from '../../../../plugins/max/src/store/audit.ts';
import { type Database, openDatabase } from '../../../../plugins/max/src/store/database.ts';
import { ApiTokens } from '../../../../plugins/max/src/store/tokens.ts';
import { Users } from '../../../../plugins/max/src/store/users.ts';

let dir: string;
let database: Database;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-audit-'));
  database = openDatabase(join(dir, 'max.db'));
});
afterEach(() => {
  database.close();
  rmSync(dir, { recursive: true, force: true });
});

const END = { reason: 'exited', code: 0, signal: null, durationMs: 1 } as const;

/** Who began it, by an API token of a name. */
function principalOf(name: string): Principal {
  const user = new Users(database).owner('me');
  const { id } = new ApiTokens(database).create({
    userId: user.id,
    name,
    hash: name,
    scopes: ['shell'],
    expiresAt: null,
  });
  return { kind: 'api', user, grant: id, scopes: ['shell'], expiresAt: null };
}

function begin(audit: Audit, principal: Principal, what: string) {
  return audit.begin({
    ...{ principal, what, action: 'command', at: new Date().toISOString(), from: '127.0.0.1', session: 'ses_x' },
    ...{ network: 'shop', networkId: 'net_x', app: 'api', appId: 'app_x', instance: 'web.1', release: 1 },
  });
}

test('who floods it drives out what is his own, and never what is still open', () => {
  const audit = new Audit(database, 100);
  const [quiet, loud] = [principalOf('quiet'), principalOf('loud')];
  for (let i = 0; i < 20; i += 1) begin(audit, quiet, `quiet ${i}`).end(END, { in: 0, out: 0 });
  begin(audit, loud, 'goes on');
  for (let i = 0; i < 500; i += 1) begin(audit, loud, `loud ${i}`).end(END, { in: 0, out: 0 });
  const whats = audit.page({}, Number.MAX_SAFE_INTEGER, 1000).map(({ what }) => what ?? '');
  expect(whats.length).toBeLessThanOrEqual(101);
  expect(whats.filter((what) => what.startsWith('quiet')).length).toBe(20);
  expect(whats[0]).toBe('loud 499');
  expect(whats).toContain('goes on');
});

test('of a long command no more than its beginning is kept', () => {
  const audit = new Audit(database);
  begin(audit, principalOf('x'), 'x'.repeat(500_000));
  expect(audit.page({}, 10, 10)[0]?.what).toBe(`${'x'.repeat(4000)}…`);
});
