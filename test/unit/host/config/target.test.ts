import { describe, expect, it } from 'vitest';
import { type Sandbox, sandbox } from './support.ts';

const contexts = {
  local: { server: 'http://127.0.0.1:7420/', network: 'dev' },
  work: { server: 'https://Max.Example.com', subject: 'me' },
  'max.example.org': { server: 'https://max.example.org' },
};

function withContexts(more: object = {}): Sandbox {
  const s = sandbox();
  s.write(s.userFile, { contexts, ...more });
  return s;
}

describe('the server', () => {
  it('is that of the context, in its one form', async () => {
    const s = withContexts({ context: 'local' });
    expect((await s.load()).target()).toEqual({ context: 'local', server: 'http://127.0.0.1:7420' });
    expect((await s.load({ env: { RIG_CONTEXT: 'max.example.org' } })).target().context).toBe('max.example.org');
    const flag = await s.load({ env: { RIG_CONTEXT: 'local' }, flags: { context: 'work' } });
    expect(flag.target()).toEqual({ context: 'work', server: 'https://max.example.com' });
  });

  it('is the nearer of server and context', async () => {
    const s = withContexts({ context: 'local' });
    const env = { RIG_SERVER: 'http://127.0.0.1:1' };
    expect((await s.load({ env })).target()).toEqual({ context: undefined, server: 'http://127.0.0.1:1' });
    expect((await s.load({ env: { ...env, RIG_CONTEXT: 'work' } })).target().context).toBeUndefined();
    expect((await s.load({ env, flags: { context: 'work' } })).target().context).toBe('work');
    s.write(`${s.project}/.rigrc`, { context: 'work' });
    expect((await s.load()).target().context).toBe('work');
  });

  it('must be chosen, and a context must be there', async () => {
    const s = sandbox();
    const none = await s.load();
    expect(() => none.target()).toThrow(
      expect.objectContaining({ code: 'RIG_NO_CONTEXT', exitCode: 4, hint: expect.stringContaining('rig max up') }),
    );
    const gone = await withContexts().load({ flags: { context: 'prod' } });
    expect(() => gone.target()).toThrow(
      expect.objectContaining({
        code: 'RIG_CONTEXT_NOT_FOUND',
        exitCode: 3,
        message: 'there is no context "prod" (--context)',
        hint: 'there are: local, max.example.org, work; to make one: rig config set contexts.prod.server URL',
      }),
    );
    const odd = await withContexts().load({ flags: { context: 'no such name' } });
    expect(() => odd.target()).toThrow(
      expect.objectContaining({ code: 'RIG_CONTEXT_NOT_FOUND', hint: expect.stringContaining('contexts.NAME.server') }),
    );
  });
});

describe('the app and its network', () => {
  const cases: Array<
    [title: string, options: object, user: object, project: object, env: Record<string, string>, expected: object]
  > = [
    ['named whole', { app: 'api.shop' }, {}, {}, {}, { app: 'api', network: 'shop', origin: '--app' }],
    [
      'named by an argument',
      { app: 'api', argument: 'NAME' },
      { network: 'mine' },
      {},
      {},
      { app: 'api', network: 'mine', origin: 'NAME and ~/.config/rig/config.json' },
    ],
    [
      'named in two',
      { app: 'api', network: 'shop' },
      {},
      {},
      {},
      { app: 'api', network: 'shop', origin: '--app and --network' },
    ],
    [
      'whole and the same network',
      { app: 'api.shop', network: 'shop' },
      {},
      {},
      {},
      { app: 'api', network: 'shop', origin: '--app and --network' },
    ],
    [
      'by variable',
      {},
      {},
      { app: 'x.y' },
      { RIG_APP: 'api.shop' },
      { app: 'api', network: 'shop', origin: 'RIG_APP' },
    ],
    ['by the project', {}, {}, { app: 'api', network: 'shop' }, {}, { app: 'api', network: 'shop', origin: '.rigrc' }],
    [
      'option, network of the project',
      { app: 'api' },
      {},
      { app: 'blog', network: 'shop' },
      {},
      { app: 'api', network: 'shop', origin: '--app and .rigrc' },
    ],
    [
      'project, network of the context',
      {},
      { context: 'local' },
      { app: 'api' },
      {},
      { app: 'api', network: 'dev', origin: '.rigrc and context local' },
    ],
    [
      'context beats the user',
      { app: 'api' },
      { context: 'local', network: 'mine' },
      {},
      {},
      { app: 'api', network: 'dev', origin: '--app and context local' },
    ],
    [
      'by the user',
      {},
      { app: 'api', network: 'mine' },
      {},
      {},
      { app: 'api', network: 'mine', origin: '~/.config/rig/config.json' },
    ],
    [
      'nearer network than app',
      {},
      {},
      { app: 'api.shop' },
      { RIG_NETWORK: 'other' },
      { app: 'api', network: 'other', origin: '.rigrc and RIG_NETWORK' },
    ],
    [
      'nearer app than network',
      { app: 'api.shop' },
      {},
      { network: 'other' },
      {},
      { app: 'api', network: 'shop', origin: '--app' },
    ],
    [
      'no context network with a server',
      { app: 'api' },
      { context: 'local', network: 'mine' },
      {},
      { RIG_SERVER: 'http://127.0.0.1:1' },
      { app: 'api', network: 'mine', origin: '--app and ~/.config/rig/config.json' },
    ],
  ];
  it.each(cases)('%s', async (_title, options, user, project, env, expected) => {
    const s = withContexts(user);
    s.write(`${s.project}/.rigrc`, project);
    expect((await s.load({ env })).app(options)).toEqual(expected);
  });

  it.each([
    [{}, {}, 'RIG_NO_APP', 'no app was named'],
    [{ app: 'api' }, {}, 'RIG_NO_NETWORK', 'for the app api'],
    [{ app: 'Api.shop' }, {}, 'RIG_BAD_NAME', 'upper case'],
    [{ app: 'api.-x' }, {}, 'RIG_BAD_NAME', 'of the network'],
    [{ app: 'a.b.c' }, {}, 'RIG_BAD_NAME', 'more than one dot'],
    [{ app: '' }, {}, 'RIG_BAD_NAME', 'is empty'],
    [{ app: 'api.' }, {}, 'RIG_BAD_NAME', 'is empty'],
    [{ app: 'api.shop', network: 'other' }, {}, 'RIG_BAD_NAME', 'named twice, "other" (--network) and "shop" (--app)'],
    [{}, { RIG_APP: 'api/../x' }, 'RIG_BAD_NAME', 'RIG_APP'],
  ])('%j with %j is %s', async (options, env, code, message) => {
    const config = await sandbox().load({ env: env as never });
    expect(() => config.app(options)).toThrow(
      expect.objectContaining({
        code,
        exitCode: 2,
        message: expect.stringContaining(message),
        hint: expect.any(String),
      }),
    );
  });

  it('finds the network alone in the same way', async () => {
    const s = withContexts({ context: 'local', network: 'mine' });
    const config = await s.load();
    expect(config.network()).toEqual({ network: 'dev', origin: 'context local' });
    expect(config.network('shop')).toEqual({ network: 'shop', origin: '--network' });
    const none = await sandbox().load();
    expect(() => none.network()).toThrow(expect.objectContaining({ code: 'RIG_NO_NETWORK', exitCode: 2 }));
    expect(() => none.network('9')).toThrow(expect.objectContaining({ code: 'RIG_BAD_NAME', exitCode: 2 }));
  });
});
