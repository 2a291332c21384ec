import { startMax } from '../../../../plugins/max/src/max.ts';

// A Max of its own process with short seconds and minutes, to be measured and killed: `metrics-child.ts DIR PORT`.
const [, , dir = '', port = '0'] = process.argv;
const max = await startMax({
  dir,
  port: Number(port),
  owner: 'tester',
  pid: process.pid,
  version: '1.2.3',
  metrics: { sampleMs: 200, minuteMs: 1200 },
});
process.on('SIGTERM', () => void max.stop().then(() => process.exit(0)));
process.send!({ port: max.port });
