import { isRigError, type ManifestCommand, parseManifest, type RigError } from '@rig/plugin-api';
import { describe, expect, test } from 'vitest';

const command: ManifestCommand = {
  paths: [['greet']],
  description: 'Greet somebody',
  details: 'One paragraph.\n\nAnother.',
  examples: [['Greet Ada', '$0 greet Ada']],
  arguments: [{ name: 'NAME', required: false }],
  options: [{ names: ['-l', '--loud'], description: 'Louder' }],
  result: 'value',
};
const manifest = {
  api: '1.0.0',
  name: 'hello',
  version: '1.2.3',
  entry: 'dist/index.js',
  commands: [command],
  taps: ['command:finished'],
  permissions: ['http'],
  settings: { word: { type: 'string', description: 'A word', default: 'hi' } },
};

function refusal(change: object): RigError {
  try {
    parseManifest(JSON.stringify({ ...manifest, ...change }), 'x.json');
  } catch (error) {
    if (isRigError(error)) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(change)} was accepted`);
}
const withCommand = (change: object) => ({ commands: [{ ...command, ...change }] });

describe('parseManifest', () => {
  test('gives back what it was given', () => {
    expect(parseManifest(JSON.stringify(manifest), 'x.json')).toEqual(manifest);
  });

  test.each(['', '{', 'null', '[]', '"x"'])('%j is none', (text) => {
    expect(() => parseManifest(text, 'x.json')).toThrow(/^x\.json is not a valid plugin manifest/);
  });

  test.each([
    ['another major', { api: '2.0.0' }, 'RIG_API_VERSION', /2\.0\.0/],
    ['no version of the API', { api: 1 }, 'RIG_MANIFEST_INVALID', /"api"/],
    ['a name with capitals', { name: 'Hello' }, 'RIG_MANIFEST_INVALID', /"name"/],
    ['a name of objects', { name: '__proto__' }, 'RIG_MANIFEST_INVALID', /"name"/],
    ['an entry that leads out', { entry: '../x.js' }, 'RIG_MANIFEST_INVALID', /"entry"/],
    ['an absolute entry', { entry: '/x.js' }, 'RIG_MANIFEST_INVALID', /"entry"/],
    ['an absolute entry of Windows', { entry: 'C:\\x.js' }, 'RIG_MANIFEST_INVALID', /"entry"/],
    ['a permission that there is not', { permissions: ['root'] }, 'RIG_MANIFEST_INVALID', /"root" is no permission/],
    ['filters that are no list', { when: { topic: 'app:*' } }, 'RIG_MANIFEST_INVALID', /"when"/],
    ['a filter by what there is not', { when: [{ text: 'x' }] }, 'RIG_MANIFEST_INVALID', /"when"/],
    ['a filter without a text', { when: [{ topic: 7 }] }, 'RIG_MANIFEST_INVALID', /"when"/],
    [
      'a tap of what channels receive without their permission',
      { taps: ['event:received'] },
      'RIG_PERMISSION',
      /"socket"/,
    ],
    ['a tap without a name', { taps: [''] }, 'RIG_MANIFEST_INVALID', /"taps"/],
    ['settings as a list', { settings: [] }, 'RIG_MANIFEST_INVALID', /"settings"/],
    [
      'a setting of no type',
      { settings: { word: { type: 'date', description: 'x' } } },
      'RIG_MANIFEST_INVALID',
      /word/,
    ],
    ['a setting without a text', { settings: { word: { type: 'string' } } }, 'RIG_MANIFEST_INVALID', /description/],
    [
      'a setting with a dot',
      { settings: { 'a.b': { type: 'string', description: 'x' } } },
      'RIG_MANIFEST_INVALID',
      /a\.b/,
    ],
    [
      'a default of another type',
      { settings: { word: { type: 'number', description: 'x', default: '5' } } },
      'RIG_MANIFEST_INVALID',
      /no number/,
    ],
    ['no paths', withCommand({ paths: [] }), 'RIG_MANIFEST_INVALID', /"paths"/],
    ['a path with capitals', withCommand({ paths: [['Greet']] }), 'RIG_MANIFEST_INVALID', /"paths"/],
    ['a path of help', withCommand({ paths: [['help', 'me']] }), 'RIG_MANIFEST_INVALID', /rig's own/],
    ['one path twice', { commands: [command, command] }, 'RIG_MANIFEST_INVALID', /two commands have the path "greet"/],
    ['a text with an escape', withCommand({ description: '\u001b[2J' }), 'RIG_MANIFEST_INVALID', /control characters/],
    ['examples that are none', withCommand({ examples: 'greet' }), 'RIG_MANIFEST_INVALID', /"examples"/],
    ['an option without a name', withCommand({ options: [{ names: [] }] }), 'RIG_MANIFEST_INVALID', /"options"/],
    ['an option that is null', withCommand({ options: [null] }), 'RIG_MANIFEST_INVALID', /"options"/],
    ["rig's own option", withCommand({ options: [{ names: ['--output'] }] }), 'RIG_MANIFEST_INVALID', /--output/],
    [
      'an argument without a name',
      withCommand({ arguments: [{ required: true }] }),
      'RIG_MANIFEST_INVALID',
      /"arguments"/,
    ],
    ['another kind of result', withCommand({ result: 'picture' }), 'RIG_MANIFEST_INVALID', /"result"/],
  ])('refuses %s', (_, change, code, message) => {
    const error = refusal(change);
    expect(error).toMatchObject({ code, exitCode: 8 });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/./);
  });
});
