import { expect, test } from 'vitest';
import { RigError, type Services } from '../../../plugin-api/src/index.ts';
import { rememberApp } from '../../../plugins/deploy/src/ensure-app.ts';

const ref = { app: 'api', network: 'shop', origin: '--app' };

/** Services whose project file gives `writeProject`, and what was said. */
function services(writeProject: () => Promise<string>): { services: Services; said: string[] } {
  const said: string[] = [];
  const here = { origin: () => undefined, get: () => undefined, writeProject };
  const output = {
    note: (text: string) => said.push(text),
    warn: (code: string, text: string) => said.push(`${code} ${text}`),
  };
  return { services: { config: async () => ({ at: async () => here }), output } as unknown as Services, said };
}

test('the app is written to the project file', async () => {
  const { services: given, said } = services(async () => '/code/.rigrc');
  expect(await rememberApp(given, ref, '/code')).toBe(true);
  expect(said).toEqual(['Wrote app api and network shop to /code/.rigrc']);
});

test('a folder that cannot be written to is deployed all the same, with a warning', async () => {
  const { services: given, said } = services(async () => {
    throw new RigError({ code: 'RIG_CONFIG_WRITE', message: 'no room; nothing was changed' });
  });
  expect(await rememberApp(given, ref, '/code')).toBe(false);
  expect(said).toEqual(['RIG_CONFIG_WRITE no room; nothing was changed; next time name the app again: --app api.shop']);
});

test('any other failure ends the deploy', async () => {
  const { services: given } = services(async () => {
    throw new RigError({ code: 'RIG_LOCKED', message: 'somebody else writes' });
  });
  await expect(rememberApp(given, ref, '/code')).rejects.toMatchObject({ code: 'RIG_LOCKED' });
});
