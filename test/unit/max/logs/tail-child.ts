import { Log } from '../../../../plugins/max/src/logs/log.ts';
import { Tailer } from '../../../../plugins/max/src/logs/tailer.ts';

// Follows a file into a log until it is killed; says when it has stored something.
const [folder, path] = process.argv.slice(2) as [string, string];
const log = Log.open(folder);
const from = log.last;
log.follow(() => {
  if (log.last > from + 200) process.stdout.write('.');
});
new Tailer({ path, source: 's', log, instance: 'web.1', stream: 'stdout', pollMs: 20 }).start();
setInterval(() => {}, 1000);
