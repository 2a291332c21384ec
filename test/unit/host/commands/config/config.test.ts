import '../runtime.ts';

import { readFileSync } from 'node:fs';
import type { Result, RigCommand, Services } from '@rig/plugin-api';
import { describe, expect, it } from 'vitest';
import { ConfigGet } from '../../../../../host/src/commands/config/get.ts';
import { ConfigList } from '../../../../../host/src/commands/config/list.ts';
import { ConfigSet } from '../../../../../host/src/commands/config/set.ts';
import { ConfigUnset } from '../../../../../host/src/commands/config/unset.ts';
import type { Format } from '../../../../../host/src/globals.ts';
import { type Sandbox, sandbox } from '../../config/support.ts';
import { testOutput } from '../../output/support.ts';

/** Runs a command on the sandbox's files and renders what it returns. */
async function run<T>(
  s: Sandbox,
  Class: (new () => RigCommand<T>) & { result: Result<never> },
  options: Record<string, unknown> = {},
  { format = 'table' as Format, env = {} as Record<string, string> } = {},
): Promise<{ out: string; err: string }> {
  const { output, out, err } = testOutput({ format });
  const config = s.load({ env, warn: (code, text) => output.service.warn(code, text) });
  const command = Object.assign(new Class(), options);
  await output.check(Class.result);
  const value = await command.run({ config: () => config, output: output.service } as unknown as Services);
  await output.render(Class.result as Result<unknown>, value);
  return { out: out(), err: err() };
}

describe('rig config', () => {
  it('sets, gets and removes', async () => {
    const s = sandbox();
    expect(await run(s, ConfigSet, { key: 'network', value: 'shop' })).toEqual({
      out: `network is shop (${s.userFile})\n`,
      err: '',
    });
    expect(await run(s, ConfigGet, { key: 'network' })).toEqual({ out: 'shop\n', err: '' });
    const json = await run(s, ConfigGet, { key: 'network' }, { format: 'json' });
    expect(JSON.parse(json.out)).toEqual({ key: 'network', value: 'shop', layer: 'user', source: s.userFile });
    expect((await run(s, ConfigUnset, { key: 'network' })).out).toBe(`network is removed (${s.userFile})\n`);
    expect((await run(s, ConfigUnset, { key: 'network' })).out).toBe(`network was not set (${s.userFile})\n`);
    await expect(run(s, ConfigGet, { key: 'network' })).rejects.toMatchObject({
      code: 'RIG_CONFIG_NOT_SET',
      exitCode: 3,
      hint: 'rig config set network VALUE',
    });
  });

  it('returns what was written, in its type and form', async () => {
    const s = sandbox();
    const set = await run(
      s,
      ConfigSet,
      { key: 'contexts.work.server', value: 'https://Max.Example.com/' },
      { format: 'json' },
    );
    expect(JSON.parse(set.out)).toEqual({
      key: 'contexts.work.server',
      value: 'https://max.example.com',
      file: s.userFile,
    });
    const unset = await run(s, ConfigUnset, { key: 'contexts.work' }, { format: 'json' });
    expect(JSON.parse(unset.out)).toEqual({ key: 'contexts.work', removed: true, file: s.userFile });
    expect(readFileSync(s.userFile, 'utf8')).toBe('{}\n');
  });

  it('lists every setting, and with --show-origin the layer of each', async () => {
    const s = sandbox();
    s.write(s.userFile, { network: 'shop', contexts: { a: { server: 'http://127.0.0.1:1' } } });
    const plain = (await run(s, ConfigList, { showOrigin: false })).out;
    expect(plain).toMatch(/^KEY +VALUE +ABOUT\n/);
    expect(plain).toMatch(/^network +shop +The network$/m);
    expect(plain).toMatch(/^contexts\.a\.server +http:\/\/127\.0\.0\.1:1 +URL of its server$/m);
    const shown = (await run(s, ConfigList, { showOrigin: true }, { env: { RIG_APP: 'api.shop' } })).out;
    expect(shown).toMatch(/^app +api\.shop +environment: RIG_APP$/m);
    expect(shown).toContain(`user: ${s.userFile}`);
    expect(shown).toMatch(/^output +table +default$/m);
    expect(shown).toMatch(/^server +not set$/m);
    const rows = JSON.parse((await run(s, ConfigList, { showOrigin: true }, { format: 'json' })).out);
    expect(rows).toContainEqual({
      key: 'network',
      value: 'shop',
      layer: 'user',
      source: s.userFile,
      description: 'The network',
    });
    expect(rows).toContainEqual(expect.objectContaining({ key: 'server', value: null, layer: null, source: null }));
  });

  it('says where what was written does not decide', async () => {
    const s = sandbox();
    const shadowed = await run(s, ConfigSet, { key: 'network', value: 'shop' }, { env: { RIG_NETWORK: 'other' } });
    expect(shadowed.err).toBe(
      'warning: "network" is written, but RIG_NETWORK is nearer and decides here (RIG_CONFIG_SHADOWED)\n',
    );
    await run(s, ConfigSet, { key: 'server', value: 'http://127.0.0.1:1' });
    await run(s, ConfigSet, { key: 'contexts.a.server', value: 'http://127.0.0.1:2' });
    expect((await run(s, ConfigSet, { key: 'context', value: 'a' })).err).toContain('rig config unset server');
  });

  it('refuses a form that it does not have before anything is written', async () => {
    const s = sandbox();
    await expect(run(s, ConfigSet, { key: 'network', value: 'shop' }, { format: 'name' })).rejects.toMatchObject({
      code: 'RIG_FORMAT_UNSUPPORTED',
    });
    expect((await s.load()).get('network')).toBeUndefined();
  });
});
