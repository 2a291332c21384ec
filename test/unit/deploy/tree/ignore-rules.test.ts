import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { walkTree } from '../../../../plugins/deploy/src/tree/walk.ts';
import { makeFolder } from './folder.ts';

const files = async (root: string): Promise<string[]> =>
  (await walkTree(root)).entries.filter(({ type }) => type === 'file').map(({ path }) => path);

/** What git itself would take: the reference for `.gitignore`. */
function gitFiles(root: string): string[] {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'core.excludesFile=/dev/null', ...args], { cwd: root, encoding: 'utf8' });
  git('init', '--quiet', '.');
  const listed = git('ls-files', '--others', '--exclude-standard', '-z').split('\0');
  return listed.filter((path) => path !== '').sort();
}

const TREES: Record<string, Record<string, string>> = {
  'plain, anchored and folder patterns': {
    '.gitignore': '# comment\n*.log\n/build\ntmp/\ndocs/*.txt\n\\#hash\n\\!bang\nspace\\ \ntrailing   \n',
    'a.log': '',
    'sub/b.log': '',
    'build/x': '',
    'sub/build/x': '',
    'tmp/x': '',
    'sub/tmp': '',
    'docs/a.txt': '',
    'docs/sub/a.txt': '',
    '#hash': '',
    '!bang': '',
    'space ': '',
    trailing: '',
  },
  negation: {
    '.gitignore': '*.txt\n!keep.txt\nvendor/*\n!vendor/mine\ncache/\n!cache/kept\n',
    'a.txt': '',
    'keep.txt': '',
    'sub/keep.txt': '',
    'vendor/other/x': '',
    'vendor/mine/x': '',
    'cache/kept': '',
  },
  'a nested file wins over the one above': {
    '.gitignore': '*.js\n/sub/x/\n',
    'sub/.gitignore': '!main.js\n!x\n/only-here\n**/deep\nmid/dle\n',
    'main.js': '',
    'sub/main.js': '',
    'sub/other.js': '',
    'sub/a/main.js': '',
    'sub/x/file': '',
    'sub/only-here': '',
    'sub/a/only-here': '',
    'sub/a/b/deep': '',
    'sub/mid/dle': '',
    'sub/a/mid/dle': '',
  },
  'names with a meaning in patterns': {
    'we[i]rd*/.gitignore': '*.log\n\\!bang\n/[ab].txt\n',
    'we[i]rd*/x.log': '',
    'we[i]rd*/!bang': '',
    'we[i]rd*/a.txt': '',
    'we[i]rd*/c.txt': '',
    'weird/x.log': '',
    'wei/rdx/x.log': '',
  },
  'case counts where git says so': {
    '.gitignore': '*.LOG\nBuild/\n',
    'a.log': '',
    'b.LOG': '',
    'build/x': '',
    'sub/Build/x': '',
  },
  'stars, question marks, ranges and a byte order mark': {
    '.gitignore': '\uFEFFa?c\n[0-9]*.tmp\n**/logs/**\nfoo/**/bar\r\n*.swp\r\n',
    abc: '',
    abbc: '',
    '1x.tmp': '',
    'x1.tmp': '',
    'a/logs/b/c': '',
    logs: '',
    'foo/bar': '',
    'foo/x/y/bar': '',
    'e.swp': '',
  },
};

describe('.gitignore', () => {
  test.each(Object.entries(TREES))('%s: the same files as git', async (_, tree) => {
    const root = makeFolder(tree);
    expect((await files(root)).sort()).toEqual(gitFiles(root));
  });

  test('of the repository around the deployed folder holds too', async () => {
    const root = makeFolder({
      '.gitignore': '*.pem\n/apps/web/private\n',
      'apps/.gitignore': 'local.*\n',
      'apps/web/.gitignore': '!local.css\n',
      'apps/web/key.pem': '',
      'apps/web/private/x': '',
      'apps/web/local.js': '',
      'apps/web/local.css': '',
      'apps/web/sub/key.pem': '',
      'apps/web/index.html': '',
    });
    gitFiles(root);
    expect(await files(join(root, 'apps/web'))).toEqual(['.gitignore', 'index.html', 'local.css']);
  });

  test('of the repository does not hide a folder that is named itself', async () => {
    const root = makeFolder({ '.gitignore': 'dist/\n*.map\n', 'dist/index.html': '', 'dist/app.map': '' });
    gitFiles(root);
    expect(await files(join(root, 'dist'))).toEqual(['app.map', 'index.html']);
  });
});

describe('.rigignore', () => {
  test('takes the place of every .gitignore, and is read in subfolders', async () => {
    const root = makeFolder({
      '.gitignore': 'dist/\n',
      'dist/.gitignore': '*\n',
      'dist/app.js': '',
      '.rigignore': '*.map\n',
      'dist/app.map': '',
      'docs/.rigignore': 'draft.md\n',
      'docs/draft.md': '',
      'docs/final.md': '',
    });
    expect(await files(root)).toEqual([
      '.gitignore',
      '.rigignore',
      'dist/.gitignore',
      'dist/app.js',
      'docs/.rigignore',
      'docs/final.md',
    ]);
  });
});
