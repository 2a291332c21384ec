import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cleanEnv, commandLine, run, start } from '../support/program.ts';

const PROGRAM = new URL('program.ts', import.meta.url);

/** Runs `program | reader` in a real shell and gives the program's own exit code. */
async function piped(
  scenario: string,
  reader: string,
  redirect = '',
): Promise<{ code: number; out: string; err: string }> {
  const [command, args] = commandLine(PROGRAM, [scenario]);
  const script = `set -o pipefail; "$@" ${redirect} | ${reader}`;
  const child = spawn('bash', ['-c', script, 'bash', command, ...args], {
    env: cleanEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

describe.skipIf(process.platform === 'win32')('a reader that leaves', () => {
  it('ends an endless stream quietly with 0', async () => {
    const { code, out, err } = await piped('endless', 'head -1');
    expect({ code, err, lines: out.trimEnd().split('\n').length }).toEqual({ code: 0, err: '', lines: 1 });
  });

  it('ends a stream that has nothing more to say', async () => {
    const { code, out, err } = await piped('quiet', 'head -1');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^1 x+\n$/);
  });

  it('ends one quietly whose stderr nobody reads', async () => {
    const child = start(PROGRAM, ['fails'], { stdio: ['ignore', 'ignore', 'pipe'] });
    // Closed long before the program has started.
    child.stderr?.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('real processes', () => {
  it.skipIf(!existsSync('/dev/full'))('say that a disk is full', async () => {
    const { code, err } = await piped('endless', 'cat', '>/dev/full');
    expect(code).toBe(1);
    expect(err).toContain('(RIG_OUTPUT_FAILED)');
    expect(err).toContain('hint: make room');
  });

  it('print the error as the last line of stderr and nothing on stdout', async () => {
    const { code, out, err } = await run(PROGRAM, ['fails', 'json']);
    expect({ code, out }).toEqual({ code: 5, out: '' });
    expect(JSON.parse(err)).toMatchObject({ level: 'error', code: 'RIG_TEST', hint: 'rig try' });
  });

  it('hold little of a stream that is read slowly, and lose nothing of it', async () => {
    const child = start(PROGRAM, ['many', '-', '300000'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let err = '';
    child.stderr?.on('data', (chunk) => {
      err += chunk;
    });
    let lines = 0;
    let waited = false;
    for await (const chunk of child.stdout as NodeJS.ReadableStream) {
      for (const byte of chunk as Buffer) if (byte === 10) lines++;
      if (!waited) {
        waited = true;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    }
    if (child.exitCode === null) await once(child, 'exit');
    expect(lines).toBe(300_000);
    // The stream is 32 MB of text; tsx and Node themselves take most of what is measured.
    expect(Number(/peak (\d+)/.exec(err)?.[1]) / 1024).toBeLessThan(160);
  });
});
