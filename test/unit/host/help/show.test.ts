import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { helpMissing, helpSubject, helpText, unknownTopic } from '../../../../host/src/help/show.ts';

let root: string;
const host = () => ({ dist: join(root, 'dist'), dirs: { data: join(root, 'data') } });
const put = (file: string, text: string): void => {
  mkdirSync(join(root, file, '..'), { recursive: true });
  writeFileSync(join(root, file), text);
};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'rig-help-'));
  put('secret.txt', 'not help');
  put('dist/help/.txt', 'all of rig');
  put('dist/help/create.txt', 'the group create');
  put('dist/help/create app.txt', 'create an app');
  put('dist/help/plugins.txt', 'the group plugins');
  put('dist/help/topics/plugins.txt', 'about plugins');
  put('data/plugins/current', 'f00 build\n');
  put('data/plugins/indexes/f00/help/mine.txt', 'my command');
  put('data/plugins/indexes/f00/help/.txt', 'all of rig and mine');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('helpSubject', () => {
  test.each([
    [[], false, { words: [], topic: false }],
    [['create', 'app'], true, { words: ['create', 'app'], topic: false }],
    [['create', '--network', 'shop'], true, { words: ['create'], topic: false }],
    [['help'], false, { words: [], topic: true }],
    [['help', 'names'], false, { words: ['names'], topic: true }],
    [['create', 'app'], false, undefined],
    [['--', 'help'], false, undefined],
  ])('%j, --help %s', (rest, asked, subject) => {
    expect(helpSubject(rest, asked)).toEqual(subject);
  });
});

describe('helpText', () => {
  const about = (words: string[], topic = false, firstPartyOnly = false): string | undefined =>
    helpText(host(), { words, topic }, firstPartyOnly);

  test('arguments after a command do not matter, and no words are rig as a whole', () => {
    expect(about(['create', 'app', 'shop'])).toBe('create an app');
    expect(about(['create', 'nothing-of-that'])).toBe('the group create');
    expect(about([])).toBe('all of rig and mine');
  });

  test('a topic comes before a command of its name, but only for rig help', () => {
    expect(about(['plugins'], true)).toBe('about plugins');
    expect(about(['plugins'])).toBe('the group plugins');
    expect(about(['create', 'app'], true)).toBe('create an app');
  });

  test('plugins of the user are in it, unless first-party ones alone are wanted', () => {
    expect(about(['mine'])).toBe('my command');
    expect(about(['mine'], false, true)).toBeUndefined();
    expect(about([], false, true)).toBe('all of rig');
  });

  test.each([['../../secret'], ['../secret'], ['topics/plugins'], ['Create'], ['nothing']])(
    '%s has none, and nothing outside is read',
    (word) => {
      expect(about([word])).toBeUndefined();
      expect(about([word], true)).toBeUndefined();
    },
  );
});

test('what there is no help on is a usage error with the topics; a lost text is not', () => {
  expect(unknownTopic(['nope', 'no'])).toMatchObject({
    code: 'RIG_UNKNOWN_TOPIC',
    exitCode: 2,
    message: 'there is no help on "nope no"',
    hint: expect.stringContaining('exit-codes'),
  });
  expect(helpMissing('create app')).toMatchObject({ code: 'RIG_NOT_BUILT', exitCode: 1 });
});
