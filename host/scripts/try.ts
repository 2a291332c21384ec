import { existsSync } from 'node:fs';
import { get } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExecaError, execa } from 'execa';

// `npm run try`: from nothing to a running app, in folders of its own inside this clone.
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const home = join(root, '.rig-try');
const rig = join(root, 'host', 'bin', 'rig.cjs');
const port = process.env.RIG_MAX_PORT ?? '7421';

const env: Record<string, string> = {
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_DATA_HOME: join(home, 'data'),
  XDG_STATE_HOME: join(home, 'state'),
  XDG_CACHE_HOME: join(home, 'cache'),
  // A try leaves nothing outside its folder, so not in the system's keychain either.
  RIG_KEYCHAIN: 'off',
  RIG_MAX_PORT: port,
};
// What a person has set for a real rig must not reach this one.
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('RIG_')));

const shell = (args: readonly string[]): string => ['rig', ...args].join(' ');

/** Runs rig, showing the command and everything that it prints. */
async function run(args: string[], input?: string): Promise<void> {
  console.log(`\n$ ${shell(args)}`);
  await execa(process.execPath, [rig, ...args], {
    env: { ...clean, ...env },
    extendEnv: false,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'inherit', 'inherit'],
    ...(input === undefined ? {} : { input }),
  });
}

/** Runs rig for its answer alone. */
async function ask(args: string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, [rig, ...args], {
    env: { ...clean, ...env },
    extendEnv: false,
    stdin: 'ignore',
  });
  return stdout;
}

/** Asks the app through Max's router: the name in the Host header, the connection to 127.0.0.1. */
function askApp(url: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: url.port, path: '/', headers: { host: url.host } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(body)
          : reject(new Error(`the app answered ${response.statusCode}: ${body}`)),
      );
    }).on('error', reject);
  });
}

async function exists(args: string[]): Promise<boolean> {
  try {
    await ask(args);
    return true;
  } catch (error) {
    if (error instanceof ExecaError && error.exitCode === 3) return false;
    throw error;
  }
}

async function main(): Promise<void> {
  const again = existsSync(home);
  console.log(again ? `Trying again with what is in ${home}` : `Trying rig with folders of its own in ${home}`);

  await run(['max', 'up']);
  console.log('\n$ rig max token | rig login --token-stdin');
  const token = (await ask(['max', 'token', '-o', 'name'])).trim();
  await execa(process.execPath, [rig, 'login', '--token-stdin'], {
    env: { ...clean, ...env },
    extendEnv: false,
    input: token,
    stdout: 'inherit',
    stderr: 'inherit',
  });
  if (!(await exists(['status', 'network', 'shop', '-o', 'json']))) await run(['create', 'network', 'shop']);
  if (!(await exists(['status', 'app', 'api.shop', '-o', 'json'])))
    await run(['create', 'app', 'api', '--network', 'shop']);
  await run(['deploy', join(root, 'examples', 'hello-node'), '--app', 'api.shop']);

  const status = JSON.parse(await ask(['status', 'app', 'api.shop', '-o', 'json'])) as { app: { url: string } };
  const url = new URL(status.app.url);
  console.log(`\n$ curl ${url.href}`);
  console.log(await askApp(url));
  await run(['logs', 'app', 'api.shop', '--no-follow', '--lines', '10']);

  console.log(`
It works: ${url.href}
  (where that name does not resolve: curl -H 'Host: ${url.host}' http://127.0.0.1:${url.port}/)

Max and the app go on running. To use this Max from your shell:
  export ${Object.entries(env)
    .map(([name, value]) => `${name}='${value}'`)
    .join(' ')}
To stop and remove everything:
  npm run try -- --remove
`);
}

async function remove(): Promise<void> {
  if (!existsSync(home)) return console.log('There is nothing to remove.');
  await run(['max', 'reset', '--yes']);
  const { rm } = await import('node:fs/promises');
  await rm(home, { recursive: true, force: true });
  console.log(`Removed ${home}`);
}

const USAGE = `npm run try              installs, builds, starts a Max and deploys an example, all in ${home}
npm run try -- --remove  stops it and removes everything`;

/** Runs what was asked for; whoever only asks what it does starts nothing. */
async function start(args: readonly string[]): Promise<void> {
  const [first] = args;
  if (first === undefined) return main();
  if (first === '--remove' && args.length === 1) return remove();
  console.log(USAGE);
  if (first !== '--help' && first !== '-h') process.exitCode = 2;
}

try {
  await start(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ExecaError)) throw error;
  // rig has said on stderr what is wrong.
  console.error(`\nerror: the step above ended with ${error.exitCode ?? error.signal}`);
  process.exitCode = error.exitCode ?? 1;
}
