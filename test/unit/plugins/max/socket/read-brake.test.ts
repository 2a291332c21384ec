import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReadBrake } from '../../../../../plugins/max/src/socket/read-brake.ts';

class Reading {
  isPaused = false;
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
}

describe('the brake of a socket', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('lets a second of frames come at once, and then as many as time allows', () => {
    const reading = new Reading();
    const brake = new ReadBrake(reading, 100);
    brake.count(100);
    expect(reading.isPaused).toBe(false);
    brake.count(50);
    expect(reading.isPaused).toBe(true);
    vi.advanceTimersByTime(499);
    expect(reading.isPaused).toBe(true);
    vi.advanceTimersByTime(1);
    expect(reading.isPaused).toBe(false);
    vi.advanceTimersByTime(10_000);
    // What was not used does not add up.
    brake.count(101);
    expect(reading.isPaused).toBe(true);
  });

  it('goes on only when neither the rate nor its holder stops it', () => {
    const reading = new Reading();
    const brake = new ReadBrake(reading, 10);
    brake.count(11);
    brake.hold();
    vi.advanceTimersByTime(1000);
    expect(reading.isPaused).toBe(true);
    brake.count(20);
    brake.free();
    expect([reading.isPaused, brake.isHeld]).toEqual([true, true]);
    vi.advanceTimersByTime(2000);
    expect([reading.isPaused, brake.isHeld]).toEqual([false, false]);
  });

  it('has no limit unless one is given, and leaves no timer behind', () => {
    const reading = new Reading();
    new ReadBrake(reading, Infinity).count(1_000_000);
    expect(reading.isPaused).toBe(false);
    const brake = new ReadBrake(reading, 1);
    brake.count(100);
    brake.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
