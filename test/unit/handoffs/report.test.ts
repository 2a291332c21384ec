import { describe, expect, test } from 'vitest';
import { allHold, type Outcome, table } from '../../handoffs/report.ts';

const line = (name: string, more: Partial<Outcome> = {}): Outcome => ({
  handoff: '1 → 2 foundation',
  line: name,
  holds: true,
  seconds: 1.23,
  ...more,
});

describe('a run of the handoffs', () => {
  test('holds only where every line does, and none that was accepted is left out', () => {
    expect(allHold([line('a'), line('b')], [line('a')])).toBe(true);
    expect(allHold([line('a'), line('b', { holds: false })], [])).toBe(false);
    expect(allHold([line('a')], [line('a'), line('b')])).toBe(false);
  });

  test('is a table with the figure, the time, the reason and the difference to the accepted run', () => {
    const figure = { value: 120, unit: 'ms' } as const;
    const text = table(
      [line('a', { figure }), line('b', { holds: false, reason: 'it fell over' }), line('c')],
      [line('a', { figure: { ...figure, value: 100 } }), line('b'), line('gone')],
    );
    expect(text.split('\n')).toEqual([
      '1 → 2 foundation',
      '  ✓ a  120 ms (was 100)    1.2 s',
      '  ✗ b                  1.2 s  held before',
      '      it fell over',
      '  ✓ c                  1.2 s  new',
      '  ✗ gone: was accepted, and is not checked any more',
    ]);
  });
});
