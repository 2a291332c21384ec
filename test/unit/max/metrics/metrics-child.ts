import { startMax } from '../../../../plugins/max/src/max.ts';

// A Max of its own process with seconds and minutes of its own: `metrics-child.ts DIR PORT SAMPLE_MS MINUTE_MS`.
const [, , dir = '', port = '0', sampleMs = '', minuteMs = ''] = process.argv;
const max = await startMax({
  dir,
  port: Number(port),
  owner: 'tester',
  pid: process.pid,
  version: '1.2.3',
  metrics: { sampleMs: Number(sampleMs), minuteMs: Number(minuteMs) },
});
process.on('SIGTERM', () => void max.stop().then(() => process.exit(0)));
process.send!({ port: max.port });
