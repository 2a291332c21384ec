import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run, start } from '../support/program.ts';
import { sandbox } from './support.ts';

const PROGRAM = new URL('set-program.ts', import.meta.url);
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const posix = process.platform !== 'win32';

describe('writing a setting', () => {
  it('makes the file, for its user alone, and holds at once', async () => {
    const s = sandbox();
    const config = await s.load({ cwd: s.home });
    await config.set('network', 'shop');
    expect(read(s.userFile)).toEqual({ network: 'shop' });
    expect(config.get('network')).toBe('shop');
    expect(config.origin('network')).toEqual({ layer: 'user', source: s.userFile });
    if (posix)
      expect([statSync(s.userFile).mode & 0o777, statSync(dirname(s.userFile)).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readdirSync(dirname(s.userFile))).toEqual(['config.json']);
  });

  it('keeps everything else in the file', async () => {
    const s = sandbox();
    const before = {
      zebra: [1, { deep: true }],
      network: 'old',
      other: { kept: 1 },
      contexts: { a: { server: 'http://127.0.0.1:1', odd: 2 } },
    };
    s.write(s.userFile, before);
    const config = await s.load();
    await config.set('network', 'new');
    await config.set('contexts.b.server', 'http://127.0.0.1:2');
    expect(read(s.userFile)).toEqual({
      ...before,
      network: 'new',
      contexts: { ...before.contexts, b: { server: 'http://127.0.0.1:2' } },
    });
    await config.set('network', undefined);
    expect(await config.unset('contexts.b')).toBe(true);
    expect(await config.unset('contexts.a.server')).toBe(true);
    expect(await config.unset('app')).toBe(false);
    expect(read(s.userFile)).toEqual({ zebra: before.zebra, other: before.other, contexts: { a: { odd: 2 } } });
  });

  it('keeps a key called __proto__ what it is', async () => {
    const s = sandbox();
    s.write(s.userFile, '{"__proto__": {"x": 1}}');
    await (await s.load()).set('network', 'shop');
    expect(readFileSync(s.userFile, 'utf8').replace(/\s/g, '')).toBe('{"__proto__":{"x":1},"network":"shop"}');
  });

  it('writes many at once, in their types', async () => {
    const s = sandbox();
    const pluginSettings = {
      max: { port: { type: 'number', description: 'Port' }, lazy: { type: 'boolean', description: 'Lazy' } },
    } as const;
    const config = await s.load({ pluginSettings });
    await config.setMany({
      'contexts.work.server': 'https://Max.example.com/',
      'contexts.work.subject': 'me',
      context: 'work',
    });
    await config.set('max.port', '7420');
    await config.set('max.lazy', 'off');
    expect(read(s.userFile)).toEqual({
      contexts: { work: { server: 'https://max.example.com', subject: 'me' } },
      context: 'work',
      max: { port: 7420, lazy: false },
    });
    expect(config.target()).toEqual({ context: 'work', server: 'https://max.example.com' });
  });

  it.each([
    ['netwrok', 'x', 'RIG_CONFIG_UNKNOWN_KEY', 'did you mean network?'],
    ['contexts.a.sever', 'x', 'RIG_CONFIG_UNKNOWN_KEY', 'did you mean contexts.a.server?'],
    ['contexts.a b.server', 'http://127.0.0.1', 'RIG_CONFIG_UNKNOWN_KEY', 'rig config list'],
    ['hello.x', 'x', 'RIG_CONFIG_UNKNOWN_KEY', '"hello" is no plugin with settings'],
    ['__proto__.x', 'x', 'RIG_CONFIG_UNKNOWN_KEY', ''],
    ['output', 'xml', 'RIG_CONFIG_BAD_VALUE', ''],
    ['network', '', 'RIG_CONFIG_BAD_VALUE', ''],
    ['server', 'https://me:pw@max.example.com', 'RIG_BAD_SERVER', 'rig login'],
  ])('refuses %s = %j, and writes nothing', async (key, value, code, hint) => {
    const s = sandbox();
    const error = await (await s.load()).set(key, value).catch((thrown) => thrown);
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(error.hint).toContain(hint);
    expect(existsSync(s.userFile)).toBe(false);
  });

  it('leaves a file alone that it cannot read, or that broke meanwhile', async () => {
    const s = sandbox();
    const config = await s.load();
    s.write(s.userFile, '{"network": "shop"');
    await expect(config.set('app', 'api')).rejects.toMatchObject({ code: 'RIG_CONFIG_INVALID' });
    expect(readFileSync(s.userFile, 'utf8')).toBe('{"network": "shop"');
    s.write(s.userFile, { contexts: 7 });
    await expect(config.set('contexts.a.server', 'http://127.0.0.1:1')).rejects.toMatchObject({
      code: 'RIG_CONFIG_INVALID',
    });
    expect(read(s.userFile)).toEqual({ contexts: 7 });
  });

  it('does not touch a file that says so already', async () => {
    const s = sandbox();
    const text = '{ "network":   "shop" }';
    s.write(s.userFile, text);
    await (await s.load()).set('network', 'shop');
    expect(readFileSync(s.userFile, 'utf8')).toBe(text);
  });

  it.skipIf(!posix)('follows a link rather than replacing it, also to a file that is not there yet', async () => {
    const s = sandbox();
    mkdirSync(dirname(s.userFile), { recursive: true });
    mkdirSync(join(s.root, 'dotfiles'));
    symlinkSync('../../../dotfiles/rig.json', s.userFile);
    const config = await s.load();
    await config.set('network', 'one');
    await config.set('network', 'two');
    expect(readlinkSync(s.userFile)).toBe('../../../dotfiles/rig.json');
    expect(read(join(s.root, 'dotfiles', 'rig.json'))).toEqual({ network: 'two' });
    expect(readdirSync(join(s.root, 'dotfiles'))).toEqual(['rig.json']);
  });

  it.skipIf(!posix)('says where it may not write', async () => {
    const s = sandbox();
    const config = await s.load();
    // A file where the folder should be holds for root as well.
    s.write(join(s.home, '.config', 'rig'), 'a file');
    await expect(config.set('network', 'x')).rejects.toMatchObject({
      code: 'RIG_CONFIG_WRITE',
      hint: expect.stringContaining('ls -ld'),
      message: expect.stringContaining(s.userFile),
    });
    expect(readFileSync(join(s.home, '.config', 'rig'), 'utf8')).toBe('a file');
  });

  it.skipIf(!posix || process.getuid?.() === 0)('says so in a folder that is read-only', async () => {
    const s = sandbox();
    s.write(s.userFile, {});
    const config = await s.load();
    chmodSync(dirname(s.userFile), 0o500);
    await expect(config.set('network', 'x')).rejects.toMatchObject({ code: 'RIG_CONFIG_WRITE' });
    chmodSync(dirname(s.userFile), 0o700);
  });
});

describe('writing the project file', () => {
  it('makes .rigrc, and later changes the file that counts', async () => {
    const s = sandbox();
    const config = await s.load();
    const file = await config.writeProject('.', { app: 'api', network: 'shop' });
    expect(file).toBe(join(s.project, '.rigrc'));
    expect(readFileSync(file, 'utf8')).toBe('{\n  "app": "api",\n  "network": "shop"\n}\n');
    expect((await s.load()).app()).toEqual({ app: 'api', network: 'shop', origin: '.rigrc' });
  });

  it('keeps comments of YAML and the look of a package.json', async () => {
    const s = sandbox();
    const yaml = s.write(`${s.project}/a/.rigrc.yaml`, '# ours\nnetwork: old # here\nother:\n  - 1\n');
    const pkg = s.write(
      `${s.project}/b/package.json`,
      '{\n\t"name": "b",\n\t"rig": {\n\t\t"network": "old"\n\t},\n\t"version": "1"\n}\n',
    );
    const plain = s.write(`${s.project}/c/package.json`, '{"name": "c"}');
    const config = await s.load();
    expect(await config.writeProject('a', { network: 'new', app: 'api' })).toBe(yaml);
    expect(readFileSync(yaml, 'utf8')).toBe('# ours\nnetwork: new # here\nother:\n  - 1\napp: api\n');
    expect(await config.writeProject('b', { network: 'new' })).toBe(pkg);
    expect(readFileSync(pkg, 'utf8')).toBe(
      '{\n\t"name": "b",\n\t"rig": {\n\t\t"network": "new"\n\t},\n\t"version": "1"\n}\n',
    );
    expect(await config.writeProject(join(s.project, 'c'), { network: 'new' })).toBe(join(s.project, 'c', '.rigrc'));
    expect(readFileSync(plain, 'utf8')).toBe('{"name": "c"}');
    if (posix) expect(statSync(join(s.project, 'c', '.rigrc')).mode & 0o044).not.toBe(0);
  });

  it('writes nothing that a project file may not decide on', async () => {
    const s = sandbox();
    const config = await s.load();
    await expect(config.writeProject('.', { app: 'api', server: 'http://127.0.0.1' })).rejects.toMatchObject({
      code: 'RIG_CONFIG_NOT_IN_PROJECT',
      exitCode: 2,
    });
    expect(readdirSync(s.project)).toEqual([]);
  });
});

describe('several rigs at once', () => {
  it('lose nothing of what each other writes', async () => {
    const s = sandbox();
    const dir = dirname(s.userFile);
    mkdirSync(dir, { recursive: true });
    const ended = await Promise.all(['a', 'b', 'c', 'd'].map((prefix) => run(PROGRAM, [dir, prefix, '15'])));
    expect(ended.map(({ code, err }) => ({ code, err }))).toEqual(Array(4).fill({ code: 0, err: '' }));
    const { contexts } = read(s.userFile) as { contexts: Record<string, { server: string }> };
    expect(Object.keys(contexts)).toHaveLength(60);
    expect(readdirSync(dir)).toEqual(['config.json']);
  });

  it('lose nothing within one process', async () => {
    const s = sandbox();
    const configs = await Promise.all([s.load(), s.load()]);
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => configs[i % 2]?.set(`contexts.c${i}.server`, `http://127.0.0.1:${i + 1}`)),
    );
    expect(Object.keys((read(s.userFile) as { contexts: object }).contexts)).toHaveLength(20);
  });

  it.skipIf(!posix)('leave a whole file when they are killed at any moment', async () => {
    const s = sandbox();
    const dir = dirname(s.userFile);
    mkdirSync(dir, { recursive: true });
    for (let round = 0; round < 4; round++) {
      const child = start(PROGRAM, [dir, `r${round}`, '1000'], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      await new Promise<void>((resolve) => {
        child.stdout?.on('data', (chunk) => {
          said += chunk;
          if (said.split('\n').length > 12 + round * 7) resolve();
        });
      });
      child.kill('SIGKILL');
      await once(child, 'exit');
      const done = said.trim().split('\n').slice(1).map(Number);
      const { contexts } = read(s.userFile) as { contexts: Record<string, unknown> };
      // What was said to be written is there.
      for (const i of done) expect(contexts).toHaveProperty(`r${round}-${i}`);
      // Whoever comes next does not wait for the dead one's lock, once it is old.
      const lock = `${s.userFile}.lock`;
      if (existsSync(lock)) utimesSync(lock, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
    }
    const config = await s.load();
    await config.set('network', 'after');
    expect((read(s.userFile) as { network: string }).network).toBe('after');
    expect(readdirSync(dir)).toEqual(['config.json']);
  });

  it('take over a lock that was left behind, once between them', async () => {
    const s = sandbox();
    s.write(s.userFile, {});
    const lock = `${s.userFile}.lock`;
    writeFileSync(lock, 'somebody');
    utimesSync(lock, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
    writeFileSync(`${s.userFile}.0123456789abcdef.tmp`, 'half');
    const configs = await Promise.all(Array.from({ length: 8 }, () => s.load()));
    await Promise.all(configs.map((config, i) => config.set(`contexts.c${i}.server`, `http://127.0.0.1:${i + 1}`)));
    expect(Object.keys((read(s.userFile) as { contexts: object }).contexts)).toHaveLength(8);
    expect(readdirSync(dirname(s.userFile))).toEqual(['config.json']);
  });

  it('wait for a lock that is held', async () => {
    const s = sandbox();
    s.write(s.userFile, {});
    const lock = `${s.userFile}.lock`;
    writeFileSync(lock, 'somebody');
    const config = await s.load();
    let done = false;
    const setting = config.set('network', 'x').then(() => {
      done = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect([done, read(s.userFile)]).toEqual([false, {}]);
    const { rmSync } = await import('node:fs');
    rmSync(lock);
    await setting;
    expect(read(s.userFile)).toEqual({ network: 'x' });
  });
});
