import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createHome } from '../support/home.ts';
import { type RigOptions, rig } from '../support/rig.ts';
import { saidError } from '../support/said-error.ts';
import { everyCommand } from './every-command.ts';
import type { Line } from './line.ts';

const NAMES = ['', 'Shop', '1shop', '-shop', 'shop-', 'my_shop', 'shöp', 'a b', 'x'.repeat(64)];
const KEYS = ['1KEY', 'A-B', 'PORT', 'MAX_URL', '', 'K'.repeat(300)];

/** What a create command must refuse. */
interface Bad {
  args: string[];
  options?: RigOptions;
}

/** Bad input for each of the create commands; one that is not here was added without a thought about what it refuses. */
function badInput(dir: string): Record<string, Bad[]> {
  const app = ['--app', 'api.shop'];
  const large = 'x'.repeat(70_000);
  const files = ['no equals sign', 'A=1\nA=2', 'A="open', '# nothing', '1A=x'].map((text, index) => {
    const file = join(dir, `bad-${index}.env`);
    writeFileSync(file, text);
    return file;
  });
  files.push(join(dir, 'missing.env'));
  const fromFile = files.map((file) => ({ args: ['--from-file', file, ...app] }));
  return {
    'create network': NAMES.map((name) => ({ args: [`--`, name] })),
    'create app': [...NAMES.map((name) => ({ args: ['--network', 'shop', '--', name] })), { args: ['api.shop.more'] }],
    'create var': [
      ...KEYS.map((key) => ({ args: [...app, '--', `${key}=value`] })),
      ...fromFile,
      { args: ['A', ...app] },
      { args: ['A=1', 'A=2', ...app] },
      { args: [`A=${large}`, ...app] },
      { args: app },
      { args: ['A=1', '--app', 'Api.shop'] },
    ],
    'create secret': [
      ...KEYS.map((key) => ({ args: [...app, '--value-stdin', '--', key], options: { input: 'a value' } })),
      ...fromFile,
      { args: ['A=1', '--value-stdin', ...app], options: { input: 'a value' } },
      { args: ['A', '--value-stdin', ...app], options: { input: large } },
      { args: ['A', '--value-stdin', ...app], options: { input: '' } },
      { args: ['A', 'B', '--value-stdin', ...app], options: { input: 'a value' } },
      { args: ['A', ...app] },
      { args: app },
    ],
  };
}

/** Every create command validates. */
export const createsValidate: Line = {
  handoff: '3 → 4 resources',
  name: 'every create command validates',
  async check() {
    const home = createHome();
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const env = { RIG_SERVER: `http://127.0.0.1:${port}`, RIG_TOKEN: 'max_api_nobody' };
      const bad = badInput(home.dir);
      const creates = everyCommand().map(({ words }) => words.join(' '));
      assert.deepEqual(Object.keys(bad).sort(), creates.filter((words) => words.startsWith('create ')).sort());
      let refused = 0;
      for (const [words, inputs] of Object.entries(bad))
        for (const { args, options } of inputs) {
          const what = `rig ${words} ${args.map((arg) => arg.slice(0, 80)).join(' ')}`;
          const result = await rig(home, ['-o', 'json', ...words.split(' '), ...args], { ...options, env });
          assert.equal(saidError(what, result).exitCode, 2, `${what}: ${result.stderr}`);
          refused += 1;
        }
      assert.equal(asked, 0, 'bad input is refused before anybody is asked');
      return { value: refused, unit: '', note: 'bad inputs, refused before any request' };
    } finally {
      server.close();
      await home.remove();
    }
  },
};
