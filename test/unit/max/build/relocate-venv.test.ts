import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { relocateVenv } from '../../../../plugins/max/src/build/relocate-venv.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-venv-'));
  mkdirSync(join(dir, 'venv/bin'), { recursive: true });
  writeFileSync(join(dir, 'venv/bin/tool'), '#!/old/.venv/bin/python\n');
  mkdirSync(join(dir, 'app'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const tool = (): string => readFileSync(join(dir, 'venv/bin/tool'), 'utf8');

test.each<[string, () => void]>([
  ['an environment', () => symlinkSync('../venv', join(dir, 'app/.venv'))],
  [
    'its programs',
    () => {
      mkdirSync(join(dir, 'app/.venv'));
      symlinkSync('../../venv/bin', join(dir, 'app/.venv/bin'));
    },
  ],
])('%s that is a symlink is left alone', (_, link) => {
  link();
  relocateVenv(join(dir, 'app'), '/old', '/new');
  expect(tool()).toBe('#!/old/.venv/bin/python\n');
});
