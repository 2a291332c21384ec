import { expect, it } from 'vitest';
import { fuzzInProcess } from './in-process.ts';
import { fuzzOverSockets } from './over-sockets.ts';

// A small fixed share of `npm run fuzz`; memory is judged there.
const SEED = 20_260_101;

it('no frame makes the channel layer fail, fall silent or send what is none', async () => {
  const { frames, codes } = await fuzzInProcess(5000, SEED, false);
  expect(frames).toBeGreaterThanOrEqual(5000);
  expect(Object.keys(codes)).toEqual(expect.arrayContaining(['1011']));
});

it('no bytes on a connection make the server fail, or close it by another code than the reference', async () => {
  const { frames, codes } = await fuzzOverSockets(500, SEED, false);
  expect(frames).toBeGreaterThanOrEqual(500);
  expect(Object.keys(codes)).toEqual(expect.arrayContaining(['1000', '1011']));
});
