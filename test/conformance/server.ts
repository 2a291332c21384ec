import { parseArgs } from 'node:util';
import { startReferenceServer } from './reference-server.ts';

// Serves the reference channels until it is stopped: `… server.ts --port 4400`.
const { values } = parseArgs({ options: { port: { type: 'string', default: '4400' } } });
const server = await startReferenceServer(Number(values.port));
process.stdout.write(`reference channels on http://${server.base}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void server.stop().then(() => process.exit(0)));
}
