import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { DiskRoom, RESERVE_BYTES } from '../../../../plugins/max/src/store/disk-room.ts';

test('what there is, what is left free, and what lacks', () => {
  const room = new DiskRoom(tmpdir());
  const space = room.look()!;
  expect(space.freeBytes).toBeGreaterThan(0);
  expect(space.totalBytes).toBeGreaterThanOrEqual(space.freeBytes);
  expect(space.reserveBytes).toBeLessThanOrEqual(RESERVE_BYTES);
  expect(room.lack(space.totalBytes)).toMatch(
    /^the disk of \S+ has too little room: .* of .* are free, this needs .*, and Max leaves .* free for its database/,
  );
});

test('where the system does not tell, nothing lacks', () => {
  for (const dir of ['/nowhere', '/proc']) {
    expect(new DiskRoom(dir).look()).toBeUndefined();
    expect(new DiskRoom(dir).lack(1e15)).toBeUndefined();
    expect(new DiskRoom(dir).full()).toBe(`the disk of ${dir} has no room left`);
  }
});
