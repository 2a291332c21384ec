// Runs before an install: JavaScript, and nothing but Node. Installs and builds what is missing, then runs a script:
//   node host/scripts/bootstrap.mjs [SCRIPT.ts ARGS…]
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`error: rig needs Node 20.19 or newer, and this is ${process.version}\nhint: install a newer Node`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) process.exit(signal === 'SIGINT' ? 130 : (status ?? 1));
}

/** Whether node_modules is what the lock file says: npm writes its own copy of the lock there. */
function installed() {
  const marker = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(marker) || statSync(marker).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs - 1000) {
    if (!existsSync(marker)) return false;
    const strip = (file) => {
      const { packages } = JSON.parse(readFileSync(file, 'utf8'));
      return JSON.stringify(
        Object.entries(packages)
          .filter(([path, entry]) => path.startsWith('node_modules/') && !entry.link && !entry.optional)
          .map(([path, { version }]) => [path, version]),
      );
    };
    return strip(marker) === strip(join(root, 'package-lock.json'));
  }
  return true;
}

const preparing = process.env.npm_lifecycle_event === 'prepare';
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
if (!preparing && !installed()) {
  console.error('installing …');
  run(npm, ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'], {
    shell: process.platform === 'win32',
  });
}
const node = ['--conditions=rig-source', '--import', 'tsx'];
run(process.execPath, [...node, join(root, 'host', 'scripts', 'build.ts')]);
const [script, ...args] = process.argv.slice(2);
if (script) run(process.execPath, [...node, join(root, script), ...args]);
