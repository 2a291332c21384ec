import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InStream } from '../../../../plugins/max/src/sessions/in-stream.ts';
import { OutStream } from '../../../../plugins/max/src/sessions/out-stream.ts';

/** What happens to a stream that is sent: bytes come, some are sent, some are acknowledged, the client comes back. */
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('append' as const), length: fc.integer({ min: 1, max: 6000 }) }),
    fc.record({ kind: fc.constant('take' as const) }),
    fc.record({ kind: fc.constant('ack' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ kind: fc.constant('cut' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  ),
  { maxLength: 60 },
);

test('over any number of cuts, each byte that comes out is had once and in order, and no more is kept than is needed', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const stream = new OutStream();
      const written: Buffer[] = [];
      let had = Buffer.alloc(0);
      let acknowledged = 0;
      const take = (): boolean => {
        const piece = stream.take();
        if (piece === undefined) return false;
        expect(piece.offset).toBe(had.length);
        had = Buffer.concat([had, ...piece.bytes]);
        return true;
      };
      for (const step of all) {
        if (step.kind === 'append') {
          const bytes = Buffer.alloc(step.length, written.length % 251);
          written.push(bytes);
          stream.append(bytes);
        } else if (step.kind === 'take') take();
        else if (step.kind === 'ack') {
          acknowledged = Math.max(acknowledged, Math.floor(had.length * step.share));
          stream.acknowledge(acknowledged);
        } else {
          // What was on its way is lost, but never what was acknowledged.
          had = had.subarray(0, acknowledged + Math.floor((had.length - acknowledged) * step.share));
          acknowledged = had.length;
          expect(stream.rewind(had.length)).toBe(had.length);
        }
        expect(stream.held).toBe(stream.total - acknowledged);
      }
      stream.finish();
      expect(stream.takeEnd()).toBe(had.length === stream.total ? stream.total : undefined);
      while (take());
      expect(had.equals(Buffer.concat(written))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('who comes anew gets what is kept, and is told where that begins', () => {
  const stream = new OutStream();
  for (const text of ['one', 'two', 'three']) stream.append(Buffer.from(text));
  while (stream.take() !== undefined);
  stream.acknowledge(4);
  expect(stream.rewind(0)).toBe(4);
  expect(stream.take()).toEqual({ offset: 4, bytes: [Buffer.from('wothree')] });
  // More than there is.
  expect(stream.rewind(1000)).toBe(11);
  expect(stream.take()).toBeUndefined();
});

test('a thousand small pieces are no thousand objects, and are sent as they come', () => {
  const stream = new OutStream();
  let sent = '';
  for (let i = 0; i < 1000; i += 1) {
    stream.append(Buffer.from('x'));
    if (i % 3 === 0) sent += Buffer.concat(stream.take()!.bytes).toString();
  }
  for (let piece = stream.take(); piece !== undefined; piece = stream.take())
    sent += Buffer.concat(piece.bytes).toString();
  expect(sent).toBe('x'.repeat(1000));
});

test('standard input is taken once, however often it is sent, and never with a hole or beyond the window', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.tuple(fc.nat(300), fc.nat(200)), { maxLength: 40 }),
      (source, pieces) => {
        const taken: Buffer[] = [];
        const stream = new InStream(
          {
            write: (bytes, done) => {
              taken.push(bytes);
              done();
            },
            end: () => {},
          },
          64,
          () => {},
        );
        for (const [offset, length] of pieces) {
          const before = stream.received;
          const piece = Buffer.from(source.subarray(offset, offset + length));
          const fresh = offset + piece.length - before;
          const wrong = stream.accept(offset, piece);
          if (offset > before) expect(wrong).toBe('gap');
          else expect(wrong).toBe(fresh > 128 ? 'overrun' : undefined);
          if (wrong !== undefined) expect(stream.received).toBe(before);
        }
        expect(Buffer.concat(taken).equals(Buffer.from(source.subarray(0, stream.received)))).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

test('the end of standard input is passed on once all of it is there', () => {
  const events: string[] = [];
  const sink = { write: (bytes: Buffer) => void events.push(bytes.toString()), end: () => void events.push('end') };
  const stream = new InStream(sink, 100, () => {});
  stream.finish(4);
  stream.accept(0, Buffer.from('ab'));
  stream.accept(2, Buffer.from('cd'));
  stream.finish(4);
  expect(events).toEqual(['ab', 'cd', 'end']);
  expect([stream.received, stream.taken]).toEqual([4, 0]);
});

test('one that comes back goes on after what the program has, one that comes anew after what Max has', () => {
  const untaken: Array<() => void> = [];
  const stream = new InStream({ write: (_, taken) => untaken.push(taken), end: () => {} }, 100, () => {});
  stream.accept(0, Buffer.alloc(60));
  stream.accept(60, Buffer.alloc(40));
  untaken.shift()!();
  expect(stream.resumeAt(true)).toBe(60);
  // What is sent again is had already.
  expect(stream.accept(60, Buffer.alloc(100))).toBeUndefined();
  expect([stream.received, untaken.length]).toEqual([160, 2]);
  expect([stream.resumeAt(false), stream.resumeAt(true)]).toEqual([160, 160]);
});
