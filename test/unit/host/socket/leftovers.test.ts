import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedChannels, serveChannels } from './serve-channels.ts';

const script = fileURLToPath(new URL('./leftover-client.ts', import.meta.url));

describe('nothing of the socket keeps a process alive after dispose', () => {
  let server: ServedChannels;
  beforeAll(async () => {
    server = await serveChannels();
  });
  afterAll(() => server.kill());

  it.each(['unanswered', 'joining', 'crashed', 'refused', 'late'])('%s', async (mode) => {
    const child = await execa(process.execPath, [
      '--conditions=rig-source',
      '--import',
      'tsx',
      script,
      server.url,
      mode,
    ]);
    expect(JSON.parse(child.stdout)).toEqual([]);
  });
});
