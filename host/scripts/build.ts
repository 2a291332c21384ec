import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MANIFEST_FILE, type Manifest, type PluginDefinition } from '@rig/plugin-api';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { allHelp } from '../src/plugins/help-text.ts';
import { buildIndex, type IndexInput } from '../src/plugins/index-file.ts';
import { recordManifest } from '../src/plugins/record.ts';
import { installRuntime } from '../src/runtime.ts';
import { ALL_PERMISSIONS } from '../src/services.ts';
import { contentHash, filesBelow } from './sources.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const dist = join(root, 'host', 'dist');

/** First-party plugins in the order in which their taps are called. */
const PLUGINS = ['resources', 'deploy', 'logs', 'ssh', 'dashboard', 'max'] as const;

/** The host's bundles: what is loaded at every command, and one for each lazy part (see "imports" in package.json). */
const HOST_BUNDLES: Record<string, string> = {
  main: 'src/main.ts',
  wrap: 'src/wrap.ts',
  commands: 'src/commands/index.ts',
  plugins: 'src/plugins/index.ts',
  hooks: 'src/hooks/index.ts',
  config: 'src/config/index.ts',
  auth: 'src/auth/index.ts',
  http: 'src/http/index.ts',
  socket: 'src/socket/index.ts',
  yaml: 'src/output/yaml.ts',
};

const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  conditions: ['rig-source'],
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  minifySyntax: true,
  minifyWhitespace: true,
  // Names stay readable in the stack of an internal error.
  keepNames: false,
};

/** Leads `#http` to the bundle beside it, so that Node need not resolve it by package.json at every start. */
const lazyParts: Plugin = {
  name: 'lazy-parts',
  setup(b) {
    b.onResolve({ filter: /^#/ }, ({ path }) => ({ path: `./${path.slice(1)}.cjs`, external: true }));
  },
};

/** clipanion asks `tty` for the depth of colour when it is imported; rig tells it, and need not load it. */
const withoutTty: Plugin = {
  name: 'without-tty',
  setup(b) {
    b.onResolve({ filter: /^tty$/ }, () => ({ path: 'tty', namespace: 'none' }));
    b.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export default undefined' }));
  },
};

/** ink connects to React's developer tools where they are asked for; they are not part of rig. */
const withoutDevtools: Plugin = {
  name: 'without-devtools',
  setup(b) {
    b.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: 'devtools', namespace: 'none' }));
    b.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export default {}' }));
  },
};

/** What `ws` asks for where it is installed, and what rig brings along instead. */
const withMask: Plugin = {
  name: 'with-mask',
  setup(b) {
    b.onResolve({ filter: /^bufferutil$/ }, () => ({ path: join(root, 'plugin-api', 'src', 'websocket-mask.ts') }));
  },
};

const host: BuildOptions = {
  ...common,
  format: 'cjs',
  outdir: relative(root, dist),
  outExtension: { '.js': '.cjs' },
  external: ['keytar', 'utf-8-validate'],
  plugins: [lazyParts, withMask],
};

async function buildHost(): Promise<void> {
  // The loader alone keeps its import(): a plugin with a top-level await cannot be required.
  const loader = await build({ ...host, entryPoints: { loader: 'host/src/plugins/loader.ts' } });
  // clipanion opens the standard streams when it is imported; rig hands it its own.
  const cli = await build({
    ...host,
    entryPoints: { cli: 'host/src/cli.ts' },
    define: { 'process.stdin': 'undefined' },
    plugins: [lazyParts, withoutTty],
    minify: true,
  });
  const rest = await build({
    ...host,
    entryPoints: Object.fromEntries(Object.entries(HOST_BUNDLES).map(([name, file]) => [name, join('host', file)])),
    // import('#http') becomes require('#http'): a CommonJS host starts a third faster than an ES module one.
    supported: { 'dynamic-import': false },
  });
  // What lies in which bundle: a test holds that.
  const outputs = Object.assign({}, ...[loader, cli, rest].map(({ metafile }) => metafile?.outputs)) as object;
  writeFileSync(join(dist, 'meta.json'), JSON.stringify({ outputs }));
}

/** Parts of a plugin that few of its commands need: bundles of their own, loaded by their names beside it. */
const PLUGIN_PARTS: Readonly<Record<string, Record<string, string>>> = {
  max: { serve: 'src/serve.ts', backup: 'src/backup/main.ts', ssh: 'src/ssh/main.ts', static: 'src/static/main.ts' },
  dashboard: { tui: 'src/tui/main.tsx', web: 'src/web/run-web.ts' },
};

/** CommonJS packages inside an ES module bundle need a `require` for Node's own modules, and some their own folder. */
const requireBanner =
  "import{createRequire as __rigRequire}from'node:module';const require=__rigRequire(import.meta.url),__dirname=import.meta.dirname;";

/** Native parts that ssh2 does without where they are not there, as they are not beside a bundle. */
const WITHOUT_NATIVE = ['cpu-features', './crypto/build/Release/sshcrypto.node'];

async function buildPlugin(name: string): Promise<void> {
  const dir = join('plugins', name);
  const parts = { index: 'src/index.ts', hooks: 'src/hooks.ts', ...PLUGIN_PARTS[name] };
  const entries = Object.entries(parts).filter(([, file]) => existsSync(join(root, dir, file)));
  await build({
    ...common,
    format: 'esm',
    entryPoints: Object.fromEntries(entries.map(([part, file]) => [part, join(dir, file)])),
    outdir: join(dir, 'dist'),
    external: ['libsql', 'utf-8-validate', ...WITHOUT_NATIVE, ...entries.map(([part]) => `./${part}.js`)],
    // React's own checks of how it is used are for whoever develops with it, and cost most of its time.
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    plugins: [withoutDevtools, withMask],
    banner: { js: requireBanner },
  });
}

/** The page of the web dashboard: everything that a browser loads, beside the bundle that serves it. */
async function buildPage(): Promise<void> {
  const page = 'plugins/dashboard/src/web/page';
  await build({
    ...common,
    platform: 'browser',
    target: ['es2022', 'chrome109', 'firefox115', 'safari16.4'],
    format: 'esm',
    entryPoints: {
      page: `${page}/main.ts`,
      style: `${page}/page.css`,
      index: `${page}/index.html`,
      icon: `${page}/icon.svg`,
    },
    loader: { '.html': 'copy', '.svg': 'copy' },
    outdir: 'plugins/dashboard/dist/web',
    minify: true,
  });
}

async function buildApi(): Promise<void> {
  await build({
    ...common,
    format: 'esm',
    entryPoints: {
      index: 'plugin-api/src/index.ts',
      'max/index': 'plugin-api/src/max/index.ts',
      schema: 'plugin-api/src/schema.ts',
    },
    outdir: 'plugin-api/dist',
    minifyWhitespace: false,
  });
}

/** Declarations for authors outside this repository; as slow as the type checker, so only when the API changed. */
function declareApi(): void {
  const stamp = join(root, 'plugin-api', 'dist', 'declared');
  const hash = contentHash(filesBelow([join(root, 'plugin-api', 'src')]));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'plugin-api', 'tsconfig.build.json')], { stdio: 'inherit' });
  writeFileSync(stamp, hash);
}

async function manifestOf(name: string): Promise<Manifest> {
  const dir = join(root, 'plugins', name);
  const { version } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as { version: string };
  const plugin = ((await import(join(dir, 'dist', 'index.js'))) as { default: PluginDefinition }).default;
  const manifest = recordManifest(plugin, version, 'dist/index.js');
  writeFileSync(join(dir, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function firstParty(): Promise<IndexInput[]> {
  installRuntime();
  const inputs: IndexInput[] = [];
  for (const plugin of PLUGINS) {
    const { name, version, permissions, commands, taps, when, settings } = await manifestOf(plugin);
    const own = { name, version, entry: `@rig/plugin-${plugin}`, permissions, commands, taps, settings };
    inputs.push(when === undefined ? own : { ...own, when });
  }
  // The bundle, not the source: its copy of plugin-api is imported only now that there is a runtime.
  const own = (createRequire(import.meta.url)(join(dist, 'commands.cjs')) as { hostCommands: PluginDefinition })
    .hostCommands;
  const { version } = JSON.parse(readFileSync(join(root, 'host', 'package.json'), 'utf8')) as { version: string };
  const { commands } = recordManifest(own, version, '#commands');
  inputs.push({
    name: 'rig',
    version,
    entry: '#commands',
    permissions: [...ALL_PERMISSIONS],
    commands,
    taps: [],
    settings: {},
  });
  return inputs;
}

function writeHelp(inputs: readonly IndexInput[]): void {
  const help = join(dist, 'help');
  rmSync(help, { recursive: true, force: true });
  mkdirSync(join(help, 'topics'), { recursive: true });
  const entries = inputs.flatMap(({ name, commands }) => commands.map((command) => ({ plugin: name, command })));
  for (const [path, text] of allHelp(entries)) writeFileSync(join(help, `${path}.txt`), text);
  const topics = join(root, 'host', 'src', 'help', 'topics');
  for (const file of filesBelow([topics]))
    writeFileSync(join(help, 'topics', relative(topics, file)), readFileSync(file));
}

async function main(): Promise<void> {
  const sources = filesBelow(['plugin-api', 'host', 'plugins'].map((dir) => join(root, dir))).filter(
    (file) => !file.endsWith('.md'),
  );
  // Manifests are written by the build itself.
  const hash = contentHash([
    ...sources.filter((file) => !file.endsWith(MANIFEST_FILE)),
    join(root, 'package-lock.json'),
  ]);
  const stamp = join(dist, 'sources');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  rmSync(stamp, { force: true });
  await Promise.all([buildHost(), buildApi(), buildPage(), ...PLUGINS.map(buildPlugin)]);
  declareApi();
  const inputs = await firstParty();
  writeHelp(inputs);
  const index = buildIndex(hash, inputs);
  writeFileSync(join(dist, 'index.json'), JSON.stringify(index));
  writeFileSync(join(dist, 'first-party.json'), JSON.stringify({ inputs }));
  writeFileSync(join(dist, 'build-id'), hash);
  writeFileSync(stamp, hash);
  console.error('built');
}

await main();
