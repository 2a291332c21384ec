import { client } from './serve-channels.ts';

// A command that waits for answers which never come and then ends: prints what would still keep its process alive.
const [url = '', mode = ''] = process.argv.slice(2);
const socket = client(url);
if (mode === 'refused') {
  await socket.join('test:a', { refuse: { reason: 'no' } }).catch(() => {});
} else if (mode === 'late') {
  await socket.join('test:a', { hang: true }, { timeout: 100 }).catch(() => {});
} else {
  const channel = await socket.join('test:a');
  const pushed = channel.push('silent', {}, { timeout: 600_000 }).catch(() => {});
  if (mode === 'crashed') await channel.push('crash', {}).catch(() => {});
  if (mode === 'joining') void socket.join('test:b', { hang: true }).catch(() => {});
  await socket.dispose();
  await pushed;
}
await socket.dispose();
const kept = process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY|FS|Immediate|MessagePort)/.test(name));
process.stdout.write(JSON.stringify(kept));
