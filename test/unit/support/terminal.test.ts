import { describe, expect, it } from 'vitest';
import { openTerminal } from '../../support/terminal.ts';

describe.skipIf(process.platform === 'win32')('a terminal of the tests', () => {
  it('draws what a program writes, takes keys and tells its end', async () => {
    const t = openTerminal('sh', [
      '-c',
      'printf "a\\033[3;5H日本 there\\r\\n"; read answer; echo "got $answer"; exit 3',
    ]);
    await t.shows('日本 there');
    expect(t.rows()[2]).toBe('    日本 there');
    t.type('yes\r');
    await t.shows('got yes');
    expect(await t.ended).toEqual({ exitCode: 3, signal: undefined });
    await expect(t.shows('more')).rejects.toThrow(/the program ended \(3\)[\s\S]*got yes/);
  });

  it('answers questions of the program, and resizes', async () => {
    const t = openTerminal('sh', [
      '-c',
      'trap "stty size" WINCH; stty raw -echo; printf "\\033[6n"; dd bs=1 count=6 2>/dev/null | od -An -c; stty sane; echo ready; while :; do read x; done',
    ]);
    await t.shows('ready');
    expect(t.text()).toContain('[   1   ;   1   R');
    t.resize(100, 30);
    await t.shows('30 100');
    await t.close();
  });
});
