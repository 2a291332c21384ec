import { chmodSync, chownSync, mkdirSync, rmdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sandbox } from './support.ts';

const hello = {
  hello: {
    greeting: { type: 'string', description: 'What to say', default: 'Hello', project: true },
    times: { type: 'number', description: 'How often' },
    loud: { type: 'boolean', description: 'Whether to shout' },
  },
} as const;

describe('layers', () => {
  it('decide in order: flag, environment, project, user, system, default', async () => {
    const s = sandbox();
    s.write(s.systemFile, { network: 'system', color: 'never' });
    s.write(s.userFile, { network: 'user' });
    const project = s.write(`${s.project}/.rigrc`, { network: 'project' });
    const env = { RIG_NETWORK: 'environment' };
    const steps = [
      [{ flags: { network: 'flag' }, env }, 'flag', '--network'],
      [{ env }, 'environment', 'RIG_NETWORK'],
      [{}, 'project', project],
      [{ cwd: s.home }, 'user', s.userFile],
    ] as const;
    for (const [options, layer, source] of steps) {
      const config = await s.load(options as never);
      expect(config.get('network')).toBe(layer);
      expect(config.origin('network')).toEqual({ layer, source });
    }
    const config = await s.load();
    expect([config.get('color'), config.origin('color')]).toEqual(['never', { layer: 'system', source: s.systemFile }]);
    expect([config.get('output'), config.origin('output')]).toEqual(['table', { layer: 'default', source: 'default' }]);
    expect([config.get('app'), config.origin('app')]).toEqual([undefined, undefined]);
    expect(s.warnings).toEqual([]);
  });

  it('hold for settings of plugins, in their types', async () => {
    const s = sandbox();
    s.write(s.userFile, { hello: { times: 3, loud: false } });
    s.write(`${s.project}/.rigrc`, { hello: { greeting: 'Moin' } });
    const config = await s.load({ pluginSettings: hello, env: { RIG_HELLO_LOUD: 'yes' } });
    expect([config.get('hello.greeting'), config.get('hello.times'), config.get('hello.loud')]).toEqual([
      'Moin',
      3,
      true,
    ]);
    expect(config.origin('hello.loud')).toEqual({ layer: 'environment', source: 'RIG_HELLO_LOUD' });
    const elsewhere = await s.load({ pluginSettings: hello, cwd: s.home, env: { RIG_HELLO_TIMES: '2.5' } });
    expect([elsewhere.get('hello.greeting'), elsewhere.get('hello.times')]).toEqual(['Hello', 2.5]);
    expect(s.warnings).toEqual([]);
  });

  it('take an empty variable for none, and no plugin for a setting of rig', async () => {
    const s = sandbox();
    const config = await s.load({
      env: { RIG_NETWORK: '', RIG_CA_FILE: 'ca.pem' },
      pluginSettings: {
        network: { x: { type: 'string', description: '' } },
        ca: { file: { type: 'string', description: '' } },
      },
    });
    expect(config.get('network')).toBeUndefined();
    expect(config.get('ca-file')).toBe(join(s.project, 'ca.pem'));
    expect(config.get('ca.file')).toBeUndefined();
    expect(() => config.get('network.x')).toThrow(expect.objectContaining({ code: 'RIG_CONFIG_UNKNOWN_KEY' }));
  });

  it('resolve paths from the file that has them', async () => {
    const s = sandbox();
    s.write(s.userFile, { 'ca-file': 'ca.pem' });
    expect((await s.load()).get('ca-file')).toBe(join(s.userFile, '..', 'ca.pem'));
  });
});

describe('the project file', () => {
  it.each([
    ['.rigrc', '{"network": "shop"}'],
    ['.rigrc', 'network: shop # YAML\n'],
    ['.rigrc.json', '\ufeff{"network": "shop"}'],
    ['.rigrc.yaml', 'network: shop\n'],
    ['package.json', '{"name": "x", "rig": {"network": "shop"}}'],
  ])('may be %s: %j', async (name, text) => {
    const s = sandbox();
    const file = s.write(`${s.project}/${name}`, text);
    const config = await s.load({ cwd: join(s.project, 'deeper', 'still') });
    expect(config.get('network')).toBe('shop');
    expect([config.projectFile, config.projectDir]).toEqual([file, s.project]);
  });

  it('is the nearest one, in the order of its names, and an empty one counts', async () => {
    const s = sandbox();
    s.write(`${s.home}/projects/.rigrc`, { network: 'above' });
    s.write(`${s.project}/.rigrc.json`, { network: 'second' });
    s.write(`${s.project}/.rigrc`, { network: 'first' });
    expect((await s.load()).get('network')).toBe('first');
    s.write(`${s.project}/.rigrc`, ' \n');
    expect((await s.load()).get('network')).toBeUndefined();
  });

  it('is not a package.json that says nothing of rig, broken or not', async () => {
    const s = sandbox();
    s.write(`${s.home}/projects/.rigrc`, { network: 'above' });
    for (const text of ['{"name": "rig"}', '{"dependencies": {"rig": "1"}}', '{ broken']) {
      s.write(`${s.project}/package.json`, text);
      expect((await s.load()).get('network')).toBe('above');
    }
  });

  it('is not looked for above the home folder', async () => {
    const s = sandbox();
    s.write(`${s.root}/.rigrc`, { network: 'above' });
    expect((await s.load()).projectFile).toBeUndefined();
    const outside = join(s.root, 'elsewhere');
    mkdirSync(outside);
    expect((await s.load({ cwd: outside })).get('network')).toBe('above');
  });

  it.skipIf(process.getuid?.() !== 0)('is ignored where another user left it in a folder for all', async () => {
    const s = sandbox();
    const file = s.write(`${s.project}/.rigrc`, { network: 'evil' });
    chmodSync(s.project, 0o1777);
    chownSync(file, 12345, 12345);
    expect((await s.load()).get('network')).toBeUndefined();
    expect(s.warnings).toEqual([{ code: 'RIG_CONFIG_IGNORED', text: expect.stringContaining('another user') }]);
    chmodSync(s.project, 0o755);
    expect((await s.load()).get('network')).toBe('evil');
  });

  it('brings no server, contexts, CA, proxy, registry or form of output: one warning names them', async () => {
    const s = sandbox();
    s.write(s.userFile, { context: 'work', contexts: { work: { server: 'https://max.example.com' } } });
    const file = s.write(`${s.project}/.rigrc`, {
      network: 'shop',
      server: 'https://evil.example.com',
      contexts: { work: { server: 'https://evil.example.com' } },
      'ca-file': 'evil.pem',
      proxy: 'http://evil.example.com',
      registry: 'http://evil.example.com',
      output: 'json',
      hello: { times: 7 },
    });
    const config = await s.load({ pluginSettings: hello });
    expect(config.target()).toEqual({ context: 'work', server: 'https://max.example.com' });
    expect(config.get('network')).toBe('shop');
    expect([config.get('server'), config.get('ca-file'), config.get('output'), config.get('hello.times')]).toEqual([
      undefined,
      undefined,
      'table',
      undefined,
    ]);
    expect(s.warnings).toHaveLength(1);
    const [{ code, text } = { code: '', text: '' }] = s.warnings;
    expect(code).toBe('RIG_CONFIG_IGNORED');
    for (const name of ['server', 'contexts', 'ca-file', 'proxy', 'registry', 'output', 'hello.times'])
      expect(text).toContain(`"${name}"`);
    expect(text).toContain(file);
    expect(text).not.toContain('evil');
  });
});

describe('files that cannot be used', () => {
  it.each([
    ['.rigrc', '{"app": "api",}', ':1:15', 'a comma too many before "}"'],
    ['.rigrc', '{\n  "app": "api"\n  "network": 1\n}', ':3:3', '"," or "}" is wanted'],
    ['.rigrc.json', "{'app': 1}", ':1:2', 'texts stand in "double quotes"'],
    ['.rigrc.json', '{"app": api}', ':1:9', 'a value is wanted'],
    ['.rigrc.json', '{\n// mine\n}', ':2:1', 'a comment, and JSON has none'],
    ['.rigrc.json', '{"app": "api"', ':1:14', 'the file ends here'],
    ['.rigrc.json', '{"app": "a\tb"}', ':1:9', 'a text is not closed'],
    ['.rigrc.yaml', 'app: api\n  network: x\n', ':1:', 'YAML'],
    ['.rigrc', 'app: [1\n', ':', 'YAML'],
    ['.rigrc.yaml', 'app: a\napp: b\n', ':2:1', 'YAML'],
    ['.rigrc', '[1, 2]', '', 'holds a list'],
    ['.rigrc.yaml', '7', '', 'holds a number'],
    ['package.json', '{"rig": 7}', '', '"rig" must be an object of settings'],
    ['package.json', '{"rig": {}', ':1:11', 'the file ends here'],
  ])('%s with %j: place and reason', async (name, text, place, reason) => {
    const s = sandbox();
    const file = s.write(`${s.project}/${name}`, text);
    const error = await s.load().then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: 'RIG_CONFIG_INVALID', exitCode: 2 });
    expect(error.message).toContain(`${file}${place}`);
    expect(error.message).toContain(reason);
    expect(error.hint).toContain(`mv ${file} ${file}.broken`);
  });

  it('are told for the user and the system too, and sections of a wrong kind', async () => {
    const s = sandbox();
    s.write(s.userFile, '{"contexts": {"a": 7}}');
    await expect(s.load()).rejects.toMatchObject({
      code: 'RIG_CONFIG_INVALID',
      message: expect.stringContaining('context "a"'),
    });
    s.write(s.userFile, { contexts: [] });
    await expect(s.load()).rejects.toMatchObject({
      code: 'RIG_CONFIG_INVALID',
      message: expect.stringContaining('"contexts"'),
    });
    s.write(s.userFile, { contexts: { 'a b': {} } });
    await expect(s.load()).rejects.toMatchObject({
      code: 'RIG_CONFIG_INVALID',
      message: expect.stringContaining('"a b"'),
    });
    s.write(s.userFile, { hello: 'x' });
    await expect(s.load({ pluginSettings: hello })).rejects.toMatchObject({
      code: 'RIG_CONFIG_INVALID',
      message: expect.stringContaining('"hello"'),
    });
    s.write(s.userFile, '');
    s.write(s.systemFile, '{');
    await expect(s.load()).rejects.toMatchObject({
      code: 'RIG_CONFIG_INVALID',
      message: expect.stringContaining(s.systemFile),
    });
  });

  it('include folders, and links to nothing count as absent', async () => {
    const s = sandbox();
    mkdirSync(join(s.userFile, '..'), { recursive: true });
    symlinkSync(join(s.root, 'nothing'), s.userFile);
    expect((await s.load()).get('network')).toBeUndefined();
    mkdirSync(join(s.root, 'nothing'));
    await expect(s.load()).rejects.toMatchObject({
      code: 'RIG_CONFIG_INVALID',
      message: expect.stringContaining('not a file'),
    });
    rmdirSync(join(s.root, 'nothing'));
    mkdirSync(join(s.project, '.rigrc'));
    await expect(s.load()).rejects.toMatchObject({
      code: 'RIG_CONFIG_INVALID',
      message: expect.stringContaining('cannot be read'),
    });
  });

  it('survive keys that name parts of JavaScript, and piles of YAML aliases', async () => {
    const s = sandbox();
    s.write(
      s.userFile,
      '{"__proto__": {"network": "x"}, "constructor": {"a": 1}, "contexts": {"constructor": {"server": "http://127.0.0.1:1"}}}',
    );
    const config = await s.load({ flags: { context: 'constructor' } });
    expect(config.get('network')).toBeUndefined();
    expect(config.target().server).toBe('http://127.0.0.1:1');
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${`*${'abcdefgh'[i]},`.repeat(9)}]`),
    ].join('\n');
    s.write(`${s.project}/.rigrc.yaml`, bomb);
    await expect(s.load()).rejects.toMatchObject({ code: 'RIG_CONFIG_INVALID' });
  });
});

describe('keys that there are not', () => {
  it('are warned of with what may have been meant', async () => {
    const s = sandbox();
    s.write(s.userFile, {
      netwrok: 'x',
      contxts: { a: {} },
      zebra: 1,
      contexts: { a: { server: 'http://127.0.0.1:1', sever: 'x' } },
      hello: { tims: 1 },
      other: { kept: true },
    });
    await s.load({ pluginSettings: hello });
    expect(s.warnings.every(({ code, text }) => code === 'RIG_CONFIG_UNKNOWN_KEY' && text.startsWith(s.userFile))).toBe(
      true,
    );
    const said = s.warnings.map(({ text }) => text.slice(s.userFile.length));
    expect(said).toEqual([
      ' sets "netwrok", which is no setting: did you mean "network"?',
      ' sets "contxts", which is no setting: did you mean "contexts"?',
      ' sets "zebra", which is no setting; all there are: rig config list',
      ' sets "contexts.a.sever", which is no setting; all there are: rig config list',
      ' sets "hello.tims", which is no setting: did you mean "hello.times"?',
    ]);
  });
});

describe('values that cannot be', () => {
  it.each([
    ['output', { RIG_OUTPUT: 'xml' }, 'RIG_CONFIG_BAD_VALUE', 'one of table, json, ndjson, yaml, name, and is "xml"'],
    ['hello.times', { RIG_HELLO_TIMES: '0x10' }, 'RIG_CONFIG_BAD_VALUE', 'must be a number'],
    ['hello.loud', { RIG_HELLO_LOUD: 'maybe' }, 'RIG_CONFIG_BAD_VALUE', 'must be true or false'],
    ['server', { RIG_SERVER: 'max.example.com' }, 'RIG_BAD_SERVER', 'RIG_SERVER'],
  ])('%s by %j', async (key, env, code, message) => {
    const s = sandbox();
    const config = await s.load({ env: env as never, pluginSettings: hello });
    expect(() => config.get(key)).toThrow(
      expect.objectContaining({ code, exitCode: 2, message: expect.stringContaining(message) }),
    );
    // The list still works: it is where one looks to mend it.
    expect(config.list().find((row) => row.key === key)?.value).toBeNull();
    expect(s.warnings.map(({ code: warned }) => warned)).toEqual([code]);
  });

  it('have the type of the setting in files', async () => {
    const s = sandbox();
    s.write(s.userFile, { network: 7, app: null, hello: { times: '7' }, 'ca-file': '' });
    const config = await s.load({ pluginSettings: hello });
    for (const [key, is] of [
      ['network', 'a string, and is 7'],
      ['app', 'is null'],
      ['hello.times', 'a number, and is "7"'],
      ['ca-file', 'not empty'],
    ] as const)
      expect(() => config.get(key)).toThrow(
        expect.objectContaining({ code: 'RIG_CONFIG_BAD_VALUE', message: expect.stringContaining(is) }),
      );
  });

  it('never show a password in a URL', async () => {
    const s = sandbox();
    s.write(s.userFile, { server: 'https://me:hunter2@max.example.com' });
    const config = await s.load();
    expect(() => config.target()).toThrow(expect.objectContaining({ code: 'RIG_BAD_SERVER' }));
    expect(JSON.stringify([config.list(), s.warnings])).not.toContain('hunter2');
  });
});

describe('settings as they are in another folder', () => {
  it('have its project file, and everything else as here', async () => {
    const s = sandbox();
    s.write(s.userFile, { network: 'mine', colour: 'x' });
    s.write(join(s.project, '.rigrc'), { app: 'here' });
    const other = join(s.home, 'projects', 'other', 'deep');
    s.write(join(s.home, 'projects', 'other', '.rigrc'), { app: 'there' });
    const config = await s.load();
    const warned = s.warnings.length;
    const there = await config.at(other);
    expect([config.app(), there.app()]).toMatchObject([
      { app: 'here', network: 'mine' },
      { app: 'there', network: 'mine' },
    ]);
    // What is wrong in the user's file was said once.
    expect([warned, s.warnings.length]).toEqual([1, 1]);
  });
});
