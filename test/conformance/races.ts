/** What a connection may have been told where the reference itself is in a race. */
interface Race {
  /** Everything after the upgrade and the join, which are always the same: one of these. */
  readonly endings?: ReadonlyArray<readonly string[]>;
  /** Lines of which only those with the same key keep their order. */
  readonly key?: (line: string) => string;
}

/** The upgrade and the answer to the join. */
const certain = 2;

const reply = (joinRef: string | null, ref: string, status: string, response: unknown): string =>
  `text ${JSON.stringify([joinRef, ref, 'echo:1', 'phx_reply', { response, status }])}`;
const unmatched = (ref: string): string => reply(null, ref, 'error', { reason: 'unmatched topic' });
const closed = `text ${JSON.stringify(['1', '1', 'echo:1', 'phx_close', {}])}`;
const crashed = `text ${JSON.stringify(['1', '1', 'echo:1', 'phx_error', { reason: 'channel_crash' }])}`;

const joinedAgain = reply('5', '5', 'ok', {});
const hi = reply('1', '2', 'ok', { n: 1 });
const left = reply('1', '3', 'ok', {});
/** push, leave, push and join in one burst: the join may overtake what the old channel had to answer. */
const leave: Race = {
  endings: [
    [joinedAgain, closed],
    [hi, joinedAgain, closed],
    [hi, left, closed, joinedAgain],
    [hi, left, closed, unmatched('4'), joinedAgain],
  ],
};

/** The scenarios whose outcome is a race in the reference; any outcome that was seen there is right. */
export const RACES: Readonly<Record<string, Race>> = {
  leave_pipelined: leave,
  leave_pipelined_x10: leave,
  leave_twice_pipelined: {
    endings: [
      [reply('1', '2', 'ok', {}), closed],
      [reply('1', '2', 'ok', {}), closed, left],
    ],
  },
  crash_pipelined: { endings: [[crashed], [crashed, unmatched('4')], [crashed, unmatched('3'), unmatched('4')]] },
  stop_pipelined: { endings: [[closed], [closed, unmatched('3'), unmatched('4')]] },
  join_duplicate_pipelined: {
    endings: [[], [reply('1', '2', 'ok', { a: 1 })]].map((first) => [
      ...first,
      reply('3', '3', 'ok', {}),
      closed,
      reply('3', '4', 'ok', { a: 2 }),
    ]),
  },
  // A server that closes with data unread resets the connection, which may overtake its own close frame.
  default_frame_limit: { endings: [['close 1009 ', 'closed 1009 '], ['closed 1006 ']] },
  push_blocking_two_topics: { key: (line) => /"(echo:\d|phoenix)"/.exec(line)?.[1] ?? '' },
  broadcast_order_two_senders: { key: (line) => /"from":"(.)"/.exec(line)?.[1] ?? '' },
};

/** Says whether a connection was told something that the reference says too. */
export function isOutcome(race: Race, lines: readonly string[], recorded: readonly string[]): boolean {
  const { endings, key } = race;
  if (key !== undefined) return JSON.stringify(apart(lines, key)) === JSON.stringify(apart(recorded, key));
  const same = lines.slice(0, certain).every((line, i) => line === recorded[i]);
  const ending = JSON.stringify(lines.slice(certain));
  return same && (endings ?? []).some((one) => JSON.stringify(one) === ending);
}

function apart(lines: readonly string[], key: (line: string) => string): Array<[string, string[]]> {
  const groups = new Map<string, string[]>();
  for (const line of lines) groups.set(key(line), [...(groups.get(key(line)) ?? []), line]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
