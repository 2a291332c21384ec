#!/usr/bin/env node
'use strict';
// The shim: committed, because npm links bins before anything is built. It answers `--version` and known help with
// `fs` alone, and loads the host for everything else.
const fs = require('node:fs');
const path = require('node:path');

const dist = path.join(__dirname, '..', 'dist');
const argv = process.argv.slice(2);

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Writes all of it or ends quietly: a reader that went away is no failure. */
function print(text) {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(fs.writeSync(1, rest));
    } catch (error) {
      if (error.code === 'EPIPE') return;
      if (error.code !== 'EAGAIN') {
        const hint = error.code === 'ENOSPC' ? 'make room where it goes to' : 'check where it goes to';
        process.stderr.write(
          `error: standard output cannot be written: ${error.message} (RIG_OUTPUT_FAILED)\nhint: ${hint}, and try again\n`,
        );
        process.exitCode = 1;
        return;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** The words whose help is asked for, or undefined where anything else is in argv. */
function helpWords() {
  if (argv.length === 0) return [];
  const words = argv.slice(0, -1);
  const last = argv[argv.length - 1];
  if (last !== '--help' && last !== '-h') return undefined;
  return words.every((word) => /^[a-z][a-z0-9-]*$/.test(word)) ? words : undefined;
}

/** As in the host's io.ts: the home that the system knows of. */
function homeOfUser() {
  try {
    return require('node:os').homedir();
  } catch {
    return '/';
  }
}

/** The help folder that plugins of this user made, if this very build of the host wrote it. */
function userHelp() {
  const xdg = process.env.XDG_DATA_HOME;
  const home = process.env.HOME || process.env.USERPROFILE || homeOfUser();
  const data = path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(home, '.local', 'share'), 'rig', 'plugins');
  const pointer = read(path.join(data, 'current'));
  if (pointer === undefined) return undefined;
  const [folder, build] = pointer.trim().split(' ');
  return build === read(path.join(dist, 'build-id')) ? path.join(data, 'indexes', folder, 'help') : null;
}

function help() {
  const words = helpWords();
  if (!words) return undefined;
  const file = `${words.join(' ')}.txt`;
  const user = userHelp();
  // A stale index is the host's to rebuild, and so is one that is gone: the user's folder has all help there is.
  if (user === null) return undefined;
  return read(path.join(user ?? path.join(dist, 'help'), file));
}

function main() {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    print(`rig ${JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8')).version}\n`);
    return;
  }
  const text = help();
  if (text !== undefined) {
    // Only a terminal is worth the modules that tell its width.
    print(
      fs.fstatSync(1).isCharacterDevice()
        ? require('../dist/wrap.cjs').present(text, process.stdout, process.env)
        : text,
    );
    return;
  }
  if (!fs.existsSync(path.join(dist, 'main.cjs'))) {
    process.stderr.write(
      `error: rig is not built yet (RIG_NOT_BUILT)\nhint: cd ${path.join(__dirname, '..', '..')} && npm run build\n`,
    );
    process.exitCode = 1;
    return;
  }
  require('../dist/main.cjs').start(__filename, argv);
}

main();
