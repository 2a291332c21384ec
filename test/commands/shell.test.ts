import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Session } from '@rig/plugin-api/max';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSocket } from '../../host/src/socket/index.ts';
import { joinSession, openSession } from '../../plugins/ssh/src/session/index.ts';
import { answering, deploy, writeNodeApp } from '../support/app.ts';
import { ChaosProxy } from '../support/chaos-proxy.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { RIG, rig, rigOk } from '../support/rig.ts';
import { openTerminal, rigOnScreen, type TerminalOptions, type TerminalScreen } from '../support/terminal.ts';
import { hasTools } from '../support/tools.ts';

let max: RunningMax;
beforeAll(async () => {
  max = await startMax();
  await deploy(max, 'api.shop', await writeNodeApp(join(max.home.dir, 'app'), answering('hi')));
});
afterAll(async () => {
  await max?.stop();
});

const open: TerminalScreen[] = [];
afterEach(async () => {
  for (const screen of open.splice(0)) await screen.close();
  for (const session of await sessions()) await end(session);
});

/** The prompt of the app's shell, at the end of the screen: it waits for a line. */
const PROMPT = /api\.shop web\.1 [#$]$/;

/**
 * A person's shell on this machine, in a terminal: it runs `rig shell`, says its exit code, and whether the terminal is as it
 * was before.
 */
function person(args: string, options: TerminalOptions = {}): TerminalScreen {
  const script = `trap : INT; stty -a > before; "$NODE" "$RIG" shell ${args}; code=$?; stty -a > after; echo "code $code"; cmp before after && echo "as it was"`;
  const screen = openTerminal('sh', ['-c', script], {
    cwd: max.home.dir,
    ...options,
    env: { ...max.home.env, NODE: process.execPath, RIG, ...options.env },
  });
  open.push(screen);
  return screen;
}

/** One in the app whose prompt is there. */
async function inShell(args = '--app api.shop', options: TerminalOptions = {}): Promise<TerminalScreen> {
  const screen = person(args, options);
  await screen.shows(PROMPT);
  return screen;
}

async function endsWith(screen: TerminalScreen, code: number): Promise<void> {
  await screen.shows(`code ${code}\nas it was`);
  await screen.ended;
}

/** The process id of rig in a terminal: the only child of the person's shell. */
async function rigOf({ pty: { pid } }: TerminalScreen): Promise<number> {
  return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim());
}

const sessions = async (): Promise<Session[]> => {
  const answer = await fetch(`${max.url}/v1/sessions`, { headers: { authorization: `Bearer ${max.token}` } });
  return ((await answer.json()) as { items: Session[] }).items.filter(({ state }) => state === 'running');
};

describe.skipIf(process.platform === 'win32')('rig shell', () => {
  it('is a terminal in the app, and its exit code is that of the shell', async () => {
    const t = await inShell();
    expect(t.rows()[0]).toMatch(/^app api\.shop on .*, by --app$/);
    t.type('clear; pwd; echo "$MAX_APP $TERM"; stty size; printf "日本 %s\\n" é; tty\r');
    await t.shows(/\/dev\/pts\/\d+\n/);
    expect(t.text()).toMatch(/^\/.*\napi xterm-256color\n24 80\n日本 é\n\/dev\/pts/);
    t.type('exit 42\r');
    await endsWith(t, 42);
  });

  it('gives 128 and the number of the signal that ended the shell', async () => {
    const t = await inShell();
    t.type('kill -9 $$\r');
    await endsWith(t, 137);
  });

  it('passes Ctrl-C to the program in the foreground alone', async () => {
    const t = await inShell();
    t.type('clear; echo begun; sleep 1000\r');
    await t.shows(/^begun$/m);
    t.type('\x03');
    await t.shows(/\^C\n.*[#$]$/);
    t.type('echo code was $?; exit\r');
    await t.shows('code was 130');
    await endsWith(t, 0);
  });

  it('writes every byte as it is: a line feed alone does not go back to the first column', async () => {
    const t = await inShell();
    t.type('clear; stty -opost; printf "one\\ntwo\\r\\n"; stty opost\r');
    await t.shows(/^one\n {3}two$/m);
    t.type('exit\r');
    await endsWith(t, 0);
  });

  it('takes a paste of a megabyte whole, with lines that look like an escape', async () => {
    const t = await inShell();
    const paste = Buffer.from('~.\n~~ 日本 a line of what is pasted\n'.repeat(26_000).slice(0, 1_000_000));
    t.type('stty -echo; cat > "$HOME/pasted"; stty echo; sha256sum < "$HOME/pasted"\r');
    await t.shows(/sha256sum < /);
    t.type(paste);
    t.type('\n\x04');
    await t.shows(createHash('sha256').update(paste).update('\n').digest('hex'));
    t.type('exit\r');
    await endsWith(t, 0);
  });

  it('ends at ~. and helps at ~?', async () => {
    const t = await inShell();
    t.type('echo ~~\r');
    await t.shows('~~');
    t.type('~?');
    await t.shows('~^Z  stop rig');
    t.type('~.');
    await t.shows(/the shell in api\.shop was ended after .*\nhint: begin another\n/);
    await endsWith(t, 130);
    expect(await sessions()).toEqual([]);
  });

  it('goes on where no shell is that could stop it at ~^Z, with the terminal raw', async () => {
    const t = rigOnScreen(max.home, ['shell', '--app', 'api.shop']);
    open.push(t);
    await t.shows(PROMPT);
    t.type('~\x1a');
    // Time in which it is seen that nothing has stopped it.
    await delay(200);
    // Not raw, this would end rig.
    t.type('\x03');
    await t.shows(/\^C\n.*[#$]$/);
    t.type('\x1b[200~x\r~.\x1b[201~');
    await t.shows(/~\.$/);
    t.type('\x03clear; echo "still $((40 + 2))"; exit 5\r');
    await t.shows('still 42');
    expect((await t.ended).exitCode).toBe(5);
  });

  it.skipIf(!hasTools('bash'))('is stopped by ~^Z and brought back by fg, with the terminal raw again', async () => {
    const env = { ...max.home.env, NODE: process.execPath, RIG, PS1: 'here> ' };
    const t = openTerminal('bash', ['--norc', '--noprofile', '-i'], { cwd: max.home.dir, env });
    open.push(t);
    await t.shows(/here>$/);
    t.type('stty -a > before; "$NODE" "$RIG" shell --app api.shop\r');
    await t.shows(PROMPT);
    t.type('printf "\\033[?1049h\\033[?1000h"; clear; echo whole screen; cat\r');
    await t.until('the alternate screen', (rows) => rows[0] === 'whole screen');
    t.type('\r~\x1a');
    await t.shows(/Stopped/);
    expect(t.emulator.buffer.active.type).toBe('normal');
    expect(t.emulator.modes.mouseTrackingMode).toBe('none');
    t.type('clear; stty -a | cmp - before && echo "as it was"; fg\r');
    await t.until('the alternate screen again', () => t.emulator.buffer.active.type === 'alternate');
    expect(t.emulator.modes.mouseTrackingMode).toBe('vt200');
    t.type('\x03');
    await t.shows(PROMPT);
    t.type('printf "\\033[?1049l"; clear; stty size; exit 42\r');
    await t.shows(/here>$/);
    t.type('echo "code $?"; stty -a | cmp - before && echo "once more"; exit\r');
    await t.shows(/code 42\nonce more/);
    expect(t.bytes.toString()).toMatch(/as it was\r\n[\s\S]*24 80\r\n/);
    await t.ended;
  });

  it('takes back the modes that a program leaves on', async () => {
    const t = await inShell();
    t.type('printf "\\033[?1049h\\033[?1000h\\033[?25l\\033[?2004h\\033=\\033[31mwhole screen"; kill -9 $$\r');
    await endsWith(t, 137);
    expect(t.emulator.buffer.active.type).toBe('normal');
    expect(t.bytes.toString()).toMatch(/\x1b\[\?25h/);
    expect(t.emulator.modes).toMatchObject({
      mouseTrackingMode: 'none',
      bracketedPasteMode: false,
      applicationKeypadMode: false,
    });
  });

  it.each(['SIGTERM', 'SIGHUP'])('gives the terminal back at %s', async (signal) => {
    const t = await inShell();
    t.type('printf "\\033[?1049h\\033[?1000hwhole screen"; cat\r');
    await t.until('the alternate screen', (rows) => rows.some((row) => row.startsWith('whole screen')));
    process.kill(await rigOf(t), signal as NodeJS.Signals);
    await t.shows(/^interrupted$/m);
    await endsWith(t, 130);
    expect(t.emulator.buffer.active.type).toBe('normal');
    expect(t.emulator.modes.mouseTrackingMode).toBe('none');
  });

  it('opens the control plane of a network', async () => {
    const t = person('--network shop');
    await t.shows(/shop [#$]$/);
    t.type('clear; echo "$MAX_NETWORK"; ls\r');
    await t.shows(/^shop\napps\n/);
    t.type('exit\r');
    await endsWith(t, 0);
  });
});

/** Ends a session that is left behind. */
async function end({ id }: Pick<Session, 'id'>): Promise<void> {
  const headers = { authorization: `Bearer ${max.token}` };
  await fetch(`${max.url}/v1/sessions/${id}`, { method: 'DELETE', headers });
}

describe.skipIf(!hasTools('vim', 'less', 'top', 'tmux'))('full-screen programs', () => {
  it('look right, also at another size', async () => {
    const t = await inShell();
    await writeFile(join(max.home.dir, 'lines'), Array.from({ length: 60 }, (_, i) => `line ${i + 1}\n`).join(''));
    const lines = join(max.home.dir, 'lines');
    t.type(`vim -u NONE -N ${lines}\r`);
    await t.until('vim', (rows) => rows[0] === 'line 1' && rows[22] === 'line 23');
    t.resize(100, 30);
    await t.until('vim of 30 rows', (rows) => rows[28] === 'line 29');
    t.type('ihello \x1b:wq\r');
    await t.shows(PROMPT);
    t.type(`less ${lines}\r`);
    await t.until('less', (rows) => rows[0] === 'hello line 1' && rows[28] === 'line 29');
    t.resize(80, 24);
    // A signal that comes just before less reads a key waits for the next one, in any terminal.
    const nudge = setInterval(() => t.type('r'), 2_000);
    // What is typed while less draws itself anew is lost.
    await t
      .until('less of 24 rows', (rows) => rows[22] === 'line 23' && rows[23] === ':')
      .finally(() => clearInterval(nudge));
    t.type('G');
    await t.until('the end in less', (rows) => rows[22] === 'line 60');
    t.type('q');
    await t.shows(PROMPT);
    t.type('top -b -n 1 | head -1 >/dev/null; top\r');
    await t.shows(/^top - [\s\S]*PID/);
    t.type('q');
    await t.shows(PROMPT);
    t.type('tmux -L "rig$$" -f /dev/null new-session\r');
    await t.until('the status line of tmux', (rows) => rows[23]?.startsWith('[0]') === true);
    t.type('echo in tmux\r');
    await t.shows(/^in tmux$/m);
    t.type('exit\r');
    await t.shows('[exited]');
    t.type('exit\r');
    await endsWith(t, 0);
  });
});

describe.skipIf(process.platform === 'win32')('fifty shells', () => {
  it('at once are each its own, over one connection', async () => {
    const abort = new AbortController();
    const socket = createSocket({
      url: max.url,
      token: async () => max.token,
      userAgent: 'rig/test',
      signal: abort.signal,
    });
    const headers = { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' };
    const http = {
      async post(path: string, { json }: { json: unknown }) {
        const answer = await fetch(max.url + path, { method: 'POST', headers, body: JSON.stringify(json) });
        return answer.json();
      },
    };
    const services = { signal: abort.signal, socket: async () => socket, http: async () => http as never };
    const terminal = { columns: 80, rows: 24, term: 'xterm' };
    const ends = Array.from({ length: 50 }, async (_, index) => {
      const session = await openSession(services, '/v1/networks/shop/apps/api', { kind: 'shell', terminal });
      const link = await joinSession(services, session.id, { terminal });
      await link.write(Buffer.from(`stty -echo; echo "shell $((${index} * 3))"; exit ${index}\n`));
      let shown = '';
      for await (const bytes of link.stdout) shown += bytes.toString();
      return [/^shell \d+\r$/m.exec(shown)?.[0] ?? shown, (await link.ended).code];
    });
    expect(await Promise.all(ends)).toEqual(Array.from({ length: 50 }, (_, index) => [`shell ${index * 3}\r`, index]));
    await socket.dispose();
  });
});

describe.skipIf(process.platform === 'win32')('a shell that was left', () => {
  it('is found again after kill -9 of rig, and draws its screen anew', async () => {
    const first = await inShell();
    first.type('vi() { printf "\\033[2J\\033[Hfull $(stty size)"; }; trap vi WINCH; kept=yes\r');
    await first.shows('kept=yes');
    process.kill(await rigOf(first), 'SIGKILL');
    await first.shows('code 137');
    const [left] = (await sessions()) as [Session];
    const again = person('--app api.shop --attach');
    await again.shows('full 24 80');
    again.type('\rclear; echo "kept=$kept"\r');
    await again.shows(/^kept=yes$/m);

    // Somebody else takes it over by its id.
    const taker = person(`--attach ${left.id}`);
    await again.shows('(RIG_SESSION_TAKEN)');
    await endsWith(again, 5);
    taker.type('exit 7\r');
    await endsWith(taker, 7);
  });

  it('has to be named where there are more', async () => {
    const both = await Promise.all([inShell(), inShell()]);
    const ids = (await sessions()).map(({ id }) => id);
    expect(ids.length).toBe(2);
    const t = person('--app api.shop --attach');
    await t.shows('(RIG_SESSION_AMBIGUOUS)');
    for (const id of ids) expect(t.text()).toContain(id);
    await endsWith(t, 2);
    for (const one of both) {
      one.type('exit\r');
      await endsWith(one, 0);
    }
    const none = person('--app api.shop --attach');
    await none.shows('(RIG_SESSION_NOT_FOUND)');
    await endsWith(none, 3);
  });

  it('is no command', async () => {
    const answer = await fetch(`${max.url}/v1/networks/shop/apps/api/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'command', argv: ['sleep', '1000'] }),
    });
    const session = (await answer.json()) as Session;
    const refused = await rig(max.home, ['shell', '--attach', session.id]);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toContain('(RIG_SESSION_NO_SHELL)');
  });
});

describe('rig shell without a person', () => {
  it('says what it needs', async () => {
    const none = await rig(max.home, ['shell', '--app', 'api.shop']);
    expect(none).toMatchObject({ exitCode: 2, stdout: '' });
    expect(none.stderr).toMatch(/standard input is none \(RIG_NO_TERMINAL\)\nhint: .*rig command/);
    const json = await rig(max.home, ['shell', '--app', 'api.shop', '-o', 'json']);
    expect(JSON.parse(json.stderr)).toMatchObject({ code: 'RIG_FORMAT_UNSUPPORTED', exitCode: 2 });
    const word = await rig(max.home, ['shell', 'api.shop']);
    expect(word.stderr).toContain('rig shell --app api.shop');
    for (const option of ['--app api.shop', '--network shop', '--instance web.1']) {
      const both = await rig(max.home, ['shell', '--attach', 'ses_1', ...option.split(' ')]);
      expect([both.exitCode, both.stderr]).toEqual([
        2,
        expect.stringContaining(`${option} says so too (RIG_BAD_OPTION)`),
      ]);
      expect(both.stderr).toContain('rig shell --attach ses_1\n');
    }
    const control = await rig(max.home, ['shell', '--network', 'shop', '--instance', 'web.1']);
    expect(control.stderr).toContain('rig shell --app NAME --network shop --instance web.1');
    expect(await sessions()).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('a shell whose connection fails', () => {
  it('loses and doubles no byte over twenty cuts', async () => {
    const proxy = await ChaosProxy.to(max.port);
    const t = await inShell('--app api.shop', {
      env: { RIG_SERVER: proxy.url, RIG_TOKEN: max.token },
    });
    // Each line that is typed is kept, and answered with numbers, of which there are 1 MB in the end.
    const file = join(max.home.dir, 'typed');
    const answer = 'seq $((n + 1)) $((n + 7500)); n=$((n + 7500))';
    t.type(
      `stty -echo; echo ready; n=0; while read -r line && [ "$line" != end ]; do echo "$line" >> ${file}; ${answer}; done; echo over\r`,
    );
    await t.shows(/^ready$/m);
    let typed = '';
    for (let cut = 1; cut <= 20; cut++) {
      const { connections } = proxy;
      const line = `line ${cut} of what is typed 日本`;
      if (cut % 2 === 0) proxy.cutAfter('socket', proxy.random.between(1, 30_000));
      t.type(`${line}\r`);
      typed += `${line}\n`;
      if (cut % 2 === 1) proxy.cut('socket');
      await t.until('another connection', () => proxy.connections > connections);
      await proxy.opened('socket');
    }
    t.type('end\r');
    await t.shows(/^over$/m);
    t.type('exit\r');
    await endsWith(t, 0);
    expect(await readFile(file, 'utf8')).toBe(typed);
    // A cut that lasts is told on a line that comes and goes.
    const numbers =
      t.bytes
        .toString()
        .replace(/(\x1bD\x1b\[A)?\x1b7\x1b\[B\r\x1b\[K.*?\x1b8/g, '')
        .match(/^\d+\r$/gm)
        ?.map(Number) ?? [];
    expect(numbers.length).toBe(150_000);
    expect(numbers.every((number, index) => number === index + 1)).toBe(true);
    await proxy.close();
  });

  it('says that it is lost, can be given up, and is told by Max how it ended', async () => {
    const proxy = await ChaosProxy.to(max.port);
    const t = await inShell('--app api.shop', { env: { RIG_SERVER: proxy.url, RIG_TOKEN: max.token } });
    await proxy.close();
    await t.shows('connection lost, trying again; ~. gives up');
    t.type('\r~.');
    await t.shows('(RIG_SESSION_LOST)');
    await t.shows(/rig shell --attach ses_/);
    await endsWith(t, 6);
  });

  it.each(['http', 'socket'] as const)(
    'ends at once at Ctrl-C where it is not up yet, as its %s hangs',
    async (kind) => {
      const proxy = await ChaosProxy.to(max.port);
      proxy.rule(kind, { blackHole: true });
      const env = { RIG_SERVER: proxy.url, RIG_TOKEN: max.token };
      const fresh = person('--app api.shop', { env });
      await proxy.opened(kind);
      fresh.type('\x03');
      await fresh.shows(kind === 'http' ? 'interrupted' : 'interrupted; the shell in api.shop was ended');
      await endsWith(fresh, 130);
      expect(await sessions()).toEqual([]);
      await proxy.close();
    },
  );

  it('ends with Max, and says so', async () => {
    const stopped = await inShell();
    await rigOk(max.home, ['max', 'down']);
    await stopped.shows('(RIG_SESSION_MAX_STOPPED)');
    await endsWith(stopped, 6);
    await rigOk(max.home, ['max', 'up']);

    const killed = await inShell();
    const { pid } = JSON.parse((await rigOk(max.home, ['max', 'status', '-o', 'json'])).stdout) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await killed.shows('connection lost, trying again');
    await rigOk(max.home, ['max', 'up']);
    await killed.shows(/\(RIG_SESSION_(MAX_STOPPED|LOST)\)/);
    await endsWith(killed, 6);
  });
});
