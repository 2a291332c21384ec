// Sets settings of the user's file from a process of its own. argv: folder of the file, key prefix, how many.
import { createConfig } from '../../../../host/src/config/index.ts';
import { isAlive } from '../../../../host/src/io.ts';

const [, , dir = '', prefix = '', count = '1'] = process.argv;
const config = await createConfig({
  io: {
    env: { XDG_CONFIG_DIRS: '/nonexistent' },
    cwd: dir,
    home: dir,
    platform: process.platform,
    uid: process.getuid?.() ?? -1,
    pid: process.pid,
    isAlive,
  },
  dirs: { config: dir },
  flags: {},
  pluginSettings: {},
  warn: () => {},
});
process.stdout.write('ready\n');
for (let i = 0; i < Number(count); i++) {
  await config.set(`contexts.${prefix}-${i}.server`, `http://127.0.0.1:${i + 1}`);
  process.stdout.write(`${i}\n`);
}
