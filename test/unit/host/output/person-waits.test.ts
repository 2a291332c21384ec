import { expect, it, vi } from 'vitest';
import { countWaits } from '../../../../host/src/output/person-waits.ts';

it('counts what has begun since, each moment once', () => {
  const now = vi.spyOn(performance, 'now');
  try {
    const waits = countWaits();
    const at = (ms: number): void => void now.mockReturnValue(ms);
    at(0);
    const first = waits.start();
    at(10);
    const question = waits.start();
    at(15);
    const another = waits.start();
    at(20);
    question();
    at(30);
    another();
    another();
    at(50);
    expect(waits.total(5)).toBe(20);
    expect(waits.total(12)).toBe(15);
    // The first question is a wait for whoever was there before it.
    expect(waits.total(0)).toBe(50);
    first();
    at(90);
    expect(waits.total(0)).toBe(50);
    expect(waits.total(60)).toBe(0);
  } finally {
    now.mockRestore();
  }
});
