import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endProcesses } from '../../../../plugins/max/src/sessions/processes.ts';
import { until } from '../runtime/kit.ts';
import { openSessions, type SessionKit, SHELL } from './kit.ts';
import { SessionClient } from './session-client.ts';

let max: SessionKit;
beforeAll(async () => {
  max = await openSessions({ tuning: { graceMs: 300 } });
});
afterAll(() => max.remove());

/** Whether a process runs: one that waits for its parent does not. */
function runs(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const sessionOf = async (client: SessionClient) =>
  (await max.ask('GET', `/v1/sessions/${client.topic.slice('session:'.length)}`)).json;

test('a session has the folder, the vars, the release and the port of its instance', async () => {
  const path = '/v1/networks/shop/apps/api/status';
  const release = (await max.ask('GET', path)).json.app.release + 1;
  await max.ask('POST', '/v1/networks/shop/apps/api/vars', { json: { values: { COLOUR: 'violet' } } });
  await until(async () => {
    const { json } = await max.ask('GET', path);
    const found = json.instances.find((each: { release: number; state: string }) => each.release === release);
    return json.instances.length === 1 && found?.state === 'healthy' ? true : undefined;
  });
  const { client } = await max.run(['sh', '-c', 'ls; env']);
  const [instance] = (await max.ask('GET', path)).json.instances;
  for (const line of ['server.js', 'COLOUR=violet', 'MAX_APP=api', 'MAX_NETWORK=shop', `MAX_RELEASE=v${release}`])
    expect(client.text.split('\n')).toContain(line);
  expect(client.text).toContain(`\nPORT=${instance.port}\n`);
  expect(client.text).not.toContain('RIG_');
  expect(await sessionOf(client)).toMatchObject({ kind: 'command', instance: 'web.1', release, app: 'api' });
});

test('a shell follows the size of its terminal, and a signal reaches what is in the foreground', async () => {
  const client = await max.open(SHELL);
  client.push('resize', { columns: 132, rows: 50 });
  // The program itself says that it runs: what was typed is shown before the shell has read it.
  client.write('stty size; sh -c "echo up-\\$((40+2)); exec sleep 1000"\n');
  await client.untilText('50 132');
  await client.untilText('up-42');
  client.push('signal', { signal: 'SIGINT' });
  client.write('echo code $?\n');
  await client.untilText('code 130');
  client.leave();
});

test('a program is ended by a signal, by its own limit, or not found, and says which', async () => {
  const client = await max.open({ kind: 'command', argv: ['sleep', '1000'] });
  client.push('signal', { signal: 'SIGUSR1' });
  expect(await client.untilEnd()).toMatchObject({ reason: 'exited', code: null, signal: 'SIGUSR1' });
  const late = await max.open({ kind: 'command', argv: ['sleep', '1000'], timeoutSeconds: 0.1 });
  expect(await late.untilEnd()).toMatchObject({ reason: 'timeout', signal: 'SIGTERM' });
  const stubborn = await max.open({ kind: 'command', argv: ['sh', '-c', "trap '' TERM; echo up; read x"] });
  await stubborn.untilText('up');
  await max.ask('DELETE', `/v1/sessions/${stubborn.topic.slice('session:'.length)}`);
  expect(await stubborn.untilEnd()).toMatchObject({ reason: 'stopped', code: null, signal: 'SIGKILL' });
  const lost = await max.run(['no-such-program']);
  expect(lost.end).toMatchObject({ reason: 'exited', code: 127 });
  expect(lost.client.stderr.bytes.toString()).toBe(
    "max: no-such-program: no such program in PATH or in the app's folder\n",
  );
  const folder = await max.run(['/etc']);
  expect([folder.end.code, folder.client.stderr.bytes.toString()]).toEqual([126, 'max: /etc: is not executable\n']);
  const beneath = await max.run(['./server.js/x']);
  expect([beneath.end.code, beneath.client.stderr.bytes.toString()]).toEqual([
    127,
    "max: ./server.js/x: no such program in PATH or in the app's folder\n",
  ]);
});

test('what a command leaves behind ends with it, in a session of its own too', async () => {
  const { client, end } = await max.run(['sh', '-c', 'setsid sleep 1000 & sleep 1000 & echo $!; exit 0']);
  expect(end).toMatchObject({ reason: 'exited', code: 0 });
  expect(runs(Number(client.text))).toBe(false);
});

test('a shell whose terminal somebody else holds ends all the same', async () => {
  const client = await max.open(SHELL);
  // Without the mark and in another session it is nobody's.
  client.write("env -u MAX_PROCESS_ID setsid sh -c 'echo $$ > ~/stray; exec sleep 30' &\n");
  const home = (await max.run(['sh', '-c', 'echo $HOME'])).client.text.trim();
  const pid = await until(() => {
    try {
      return Number(readFileSync(`${home}/stray`, 'utf8')) || undefined;
    } catch {
      return undefined;
    }
  });
  client.write('exit 4\n');
  expect(await client.untilEnd()).toMatchObject({ reason: 'exited', code: 4 });
  process.kill(pid, 'SIGKILL');
});

test('all that a program wrote comes out, though it ended long before it was read', async () => {
  for (const session of [{ kind: 'command' as const, argv: ['sh', '-c', 'seq 400000; echo done >&2'] }, SHELL]) {
    const { id } = await max.begin(session);
    const client = new SessionClient(max, id);
    client.acknowledges = false;
    await client.join();
    const window = client.joined!.window;
    if (session === SHELL) client.write('seq 400000; exit\n');
    await client.until(() => client.stdout.bytes.length >= window);
    client.acknowledges = true;
    client.acknowledge();
    expect((await client.untilEnd()).code).toBe(0);
    // A shell says by escape sequences that it takes pastes.
    const numbers = client.text.replaceAll(/\r|\x1b\[\?2004[hl]/g, '').match(/^\d+$/gm) ?? [];
    expect(numbers.length).toBe(400_000);
    expect(numbers.at(-1)).toBe('400000');
    client.leave();
  }
});

test('nothing that is started meanwhile gets hold of the terminal of a shell', async () => {
  const terminalsOf = (pid: number): string[] =>
    readdirSync(`/proc/${pid}/fd`).filter((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`).includes('ptmx');
      } catch {
        return false;
      }
    });
  // Those of shells that other tests have left may be open yet.
  const before = terminalsOf(process.pid).length;
  const shells = await Promise.all([1, 2, 3].map(() => max.open(SHELL)));
  await Promise.all(shells.map((shell) => shell.untilText('web.1 ')));
  const late = await max.open(SHELL);
  late.write('for f in /proc/$$/fd/*; do readlink $f; done; echo done; exit\n');
  await late.untilEnd();
  expect(late.text).not.toContain('ptmx');
  await max.deploy();
  const [instance] = (await max.ask('GET', '/v1/networks/shop/apps/api/status')).json.instances;
  expect(terminalsOf(process.pid).length).toBeGreaterThanOrEqual(shells.length);
  expect(terminalsOf(instance.pid)).toEqual([]);

  const command = await max.open({ kind: 'command', argv: ['sh', '-c', 'echo $$; env; cat'] });
  await command.untilText(/^\d+\n[\s\S]*MAX_APP=/);
  expect(terminalsOf(Number.parseInt(command.text, 10))).toEqual([]);
  // What keeps it off is nothing that the command finds in its environment.
  expect(command.text).not.toContain('SHLVL');
  for (const shell of shells) shell.write('exit\n');
  await Promise.all(shells.map((shell) => shell.untilEnd()));
  await until(() => (terminalsOf(process.pid).length <= before ? true : undefined));
  command.writeEnd();
  await command.untilEnd();
});

test('a second client takes a session over, and goes on where the first was', async () => {
  const first = await max.open(SHELL);
  await first.untilText('web.1 ');
  const second = new SessionClient(max, first.topic.slice('session:'.length));
  second.stdout.bytes = first.stdout.bytes;
  await second.rejoin();
  await first.until(() => first.taken && first.closed !== undefined);
  expect(await sessionOf(second)).toMatchObject({ attached: true, state: 'running' });
  second.leave();
});

test('Ctrl-D is what the end of the input is to a shell', async () => {
  const client = await max.open(SHELL);
  await client.untilText('web.1 ');
  client.writeEnd();
  expect(await client.untilEnd()).toMatchObject({ reason: 'exited', code: 0 });
});

test('an app that is stopped can be entered, in the release that it would serve', async () => {
  await max.ask('POST', '/v1/networks/shop/apps', { json: { name: 'idle' } });
  await max.deploy(undefined, 'idle');
  await max.ask('POST', '/v1/networks/shop/apps/idle/stop');
  await until(async () => {
    const { json } = await max.ask('GET', '/v1/networks/shop/apps/idle/status');
    return json.instances.length === 0 ? true : undefined;
  });
  const { id, instance, release } = await max.begin(
    { kind: 'command', argv: ['sh', '-c', 'ls; echo "port $PORT"'] },
    'idle',
  );
  expect([instance, release]).toEqual(['web.1', 1]);
  const client = await new SessionClient(max, id).join();
  await client.untilEnd();
  expect(client.text).toContain('server.js\nport \n');
  const problem = await max.ask('POST', '/v1/networks/shop/apps/idle/sessions', { json: { kind: 'forward' } });
  expect(problem.json).toMatchObject({
    code: 'RIG_NO_INSTANCE',
    detail: 'web.1 has no port of its own, or does not run',
  });
});

test('a session goes on in its folder when other releases take over, and ends with its app', async () => {
  await max.ask('POST', '/v1/networks/shop/apps', { json: { name: 'fast' } });
  const source = (text: string) => ({
    'package.json': JSON.stringify({ scripts: { start: 'exec node server.js' } }),
    'server.js': `require('node:http').createServer((q, r) => r.end('${text}')).listen(process.env.PORT);`,
  });
  await max.deploy(source('one'), 'fast');
  const client = await new SessionClient(max, (await max.begin({ kind: 'command', argv: ['sh'] }, 'fast')).id).join();
  for (const text of ['two', 'three', 'four', 'five']) await max.deploy(source(text), 'fast');
  client.write('cat server.js\n');
  await client.untilText("r.end('one')");
  expect((await max.ask('DELETE', '/v1/networks/shop/apps/fast')).status).toBe(204);
  expect(await client.untilEnd()).toMatchObject({ reason: 'stopped' });
});

test('one that was only just begun, and has neither a session nor a mark of its own yet, is ended too', async () => {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await once(child, 'spawn');
  let isOver = false;
  const exit = once(child, 'exit');
  child.once('exit', () => {
    isOver = true;
  });
  await endProcesses('ses_of_nobody', child.pid, { signal: 'SIGHUP', graceMs: 10_000, isLeading: () => !isOver });
  expect(await exit).toEqual([null, 'SIGHUP']);
});
