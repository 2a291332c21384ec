import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PYTHON_DEPENDENCIES } from '../../../../plugins/max/src/build/python-dependencies.ts';
import { noPython } from '../../../support/python.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'max-requirements-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function originOf(files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return PYTHON_DEPENDENCIES.origin(dir, { PATH: process.env.PATH! });
}

describe.skipIf(noPython())('what a virtual environment is made from', () => {
  test('every file of requirements and the version of Python', async () => {
    const found = await originOf({
      'requirements.txt':
        '\uFEFF--index-url https://u:s3cret@example.test/simple\n-r more/base.txt\nflask==3.0 # web\n',
      'more/base.txt': '-c ../pins.txt\nuvicorn[standard]==0.30.1 ; python_version > "3.8"\n-r base.txt\n',
      'pins.txt': 'h11==0.14.0 \\\n  --hash=sha256:abc\n',
    });
    expect(found).toMatchObject({ fingerprint: expect.any(Object) });
    const { fingerprint, remark } = found as { fingerprint: Record<string, string>; remark?: string };
    expect(Object.keys(fingerprint)).toEqual([
      'requirements.txt',
      'more/base.txt',
      'pins.txt',
      'the version of Python',
    ]);
    expect(remark).toBeUndefined();
    expect(JSON.stringify(found)).not.toContain('s3cret');
  });

  test.each(['flask', 'flask>=3', 'flask[async]~=3.0', 'flask==3.*', 'x @ git+https://example.test/x.git'])(
    'that %s may have newer versions is said',
    async (line) => {
      expect(await originOf({ 'requirements.txt': `a==1\n${line}\n` })).toMatchObject({
        remark: 'line 2 of requirements.txt has no version: rig deploy --no-cache looks for newer ones',
      });
    },
  );
});

test.each([
  './local',
  '-e .',
  '--find-links s3cret',
  'local/x-1.0.whl',
  '/abs/x.whl',
  'x @ file:///x',
  'x-1.0-py3-none-any.whl',
  '-r ../outside.txt',
  '-r https://example.test/s3cret.txt',
])('with %j nobody can tell, and the line is not quoted', async (line) => {
  const found = await originOf({ 'requirements.txt': `a==1\n\n${line}\n` });
  expect(found).toEqual({ unknown: expect.stringMatching(/^line 3 of requirements\.txt /) });
  expect(JSON.stringify(found)).not.toContain('s3cret');
});

test('a file of requirements that is not there leaves it to pip to say so', async () => {
  expect(await originOf({ 'requirements.txt': '-r gone.txt\n' })).toEqual({ unknown: 'gone.txt cannot be read' });
});
