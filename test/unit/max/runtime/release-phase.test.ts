import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeApp, openRuntime, type RuntimeKit, type Tree, until } from './kit.ts';

let kit: RuntimeKit;
beforeEach(async () => {
  kit = await openRuntime();
});
afterEach(() => kit.remove());

/** An app with a release command, whose program is the given source. */
const withRelease = (text: string, source: string): Tree => ({
  ...nodeApp(text),
  Procfile: 'release: node migrate.js\nweb: node server.js\n',
  'migrate.js': source,
});

async function textsOf(instance: string): Promise<string[]> {
  const { lines } = await kit.runtime.appLogs(kit.app(), { lines: 1_000, after: undefined });
  return lines.filter((line) => line.instance === instance).map((line) => line.text);
}

test('the release command runs before the release serves, in its environment without a port', async () => {
  const seen = "console.log(process.env.MAX_RELEASE, process.env.MAX_INSTANCE, 'PORT' in process.env)";
  expect(await kit.deploy(kit.app(), withRelease('one', seen))).toMatchObject({ state: 'healthy', release: 1 });
  expect(await textsOf('release.1')).toEqual(['v1 release.1 false']);
  expect(await textsOf('max')).toContain('$ node migrate.js');
  expect((await kit.get(kit.app(), '/')).text).toBe('one');
});

test('one that fails stops the release, and the one before serves on', async () => {
  await kit.deploy(kit.app(), nodeApp('one'));
  const failed = await kit.deploy(kit.app(), withRelease('two', "console.error('no such table'); process.exit(3)"));
  expect(failed).toMatchObject({
    state: 'failed',
    failure: {
      code: 'RIG_RELEASE_FAILED',
      reason: expect.stringMatching(/"node migrate\.js" ended with exit code 3; the new release does not serve/),
      fix: expect.stringContaining('rig logs app web.net --instance release'),
      lines: ['no such table'],
    },
  });
  expect((await kit.get(kit.app(), '/')).text).toBe('one');
  expect((await kit.runtime.status(kit.app())).instances).toMatchObject([{ name: 'web.1', release: 1 }]);
});

test('a cancel ends it', async () => {
  const app = kit.app();
  const upload = await kit.upload(app, withRelease('one', "console.log('waiting'); setInterval(() => {}, 1000)"));
  const { id } = kit.runtime.createDeployment(app, upload);
  await until(async () => ((await textsOf('release.1')).includes('waiting') ? true : undefined));
  expect(await kit.runtime.cancelDeployment(app, id)).toMatchObject({ state: 'cancelled' });
  expect((await kit.runtime.status(app)).instances).toEqual([]);
});
