import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { originAllowed } from '../../../../../plugins/max/src/socket/origin.ts';

const request = (origin?: string): IncomingMessage =>
  ({ headers: { host: '127.0.0.1:7420', ...(origin === undefined ? {} : { origin }) } }) as IncomingMessage;

it.each<[string | undefined, boolean | string[], boolean]>([
  [undefined, true, true],
  ['http://127.0.0.1:7420', true, true],
  ['http://127.0.0.1:7421', true, false],
  ['null', true, false],
  ['http://evil.example', false, true],
  ['https://good.example', ['//good.example'], true],
  ['https://good.example:8443', ['//good.example'], true],
  ['https://good.example:8443', ['//good.example:443'], false],
  ['https://good.example', ['//good.example:443'], true],
  ['http://good.example', ['https://good.example'], false],
  ['https://a.good.example', ['//*.good.example'], true],
  ['https://evilgood.example', ['//*.good.example'], false],
  ['https://good.example.evil', ['//good.example'], false],
])('origin %s by rule %j: %s', (origin, rule, allowed) => {
  expect(originAllowed(request(origin), rule)).toBe(allowed);
});
