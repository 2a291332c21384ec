import { value } from '@rig/plugin-api';
import { describe, expect, it } from 'vitest';
import type { Format } from '../../../../host/src/globals.ts';
import { testOutput } from './support.ts';

const result = value<string[]>((lines) => lines);

async function* from(values: readonly string[][], between: () => void = () => {}): AsyncGenerator<string[]> {
  for (const [i, one] of values.entries()) {
    if (i > 0) between();
    yield one;
  }
}

async function shown(format: Format, values: string[][], terminal?: { columns: number; note?: string }) {
  const { output, out, err } = testOutput({ format }, terminal ? { outTTY: terminal.columns, errTTY: 80 } : {});
  const between = (): void => {
    if (terminal?.note) output.service.note(terminal.note);
  };
  await output.render(result as never, from(values, between));
  await output.flush();
  return { out: out(), err: err() };
}

describe('a value that changes', () => {
  it('is drawn in the same place on a terminal, and cut at its width and height', async () => {
    const { out } = await shown(
      'table',
      [['one', 'two'], ['x'.repeat(30)], Array.from({ length: 40 }, (_, i) => `${i}`)],
      {
        columns: 20,
      },
    );
    expect(out.startsWith(`one\ntwo\n\x1b[2A\r\x1b[J${'x'.repeat(19)}…\n\x1b[1A\r\x1b[J0\n1\n`)).toBe(true);
    expect(out.trimEnd().split('\n').at(-1)).toBe('… and 18 more lines');
  });

  it('is drawn below what was said meanwhile', async () => {
    const { out } = await shown('table', [['one'], ['two']], { columns: 20, note: 'lost' });
    expect(out).toBe('one\n\ntwo\n');
  });

  it('is one text below the other where there is no terminal', async () => {
    expect((await shown('table', [['one', 'more'], ['two']])).out).toBe('one\nmore\n\ntwo\n');
  });

  it('is a line each with ndjson, and refused as one document', async () => {
    expect((await shown('ndjson', [['one'], ['two']])).out).toBe('["one"]\n["two"]\n');
    for (const format of ['json', 'yaml'] as const)
      await expect(shown(format, [['one']])).rejects.toMatchObject({ code: 'RIG_FOLLOW_FORM', exitCode: 2 });
  });
});
