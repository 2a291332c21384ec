import { openRuntime } from './kit.ts';
import type { Order } from './max-child.ts';

// A Max of its own process, to be killed: `serve-child.ts DIR`; says its port, then how it fares with what it is told.
const kit = await openRuntime({ dir: process.argv[2]! });
process.send!({ port: kit.port, log: kit.log });

async function begin(order: Order): Promise<string> {
  const app = kit.app();
  if ('stop' in order) kit.runtime.stopApp(app);
  if ('deploy' in order) return kit.runtime.createDeployment(app, await kit.upload(app, order.deploy)).id;
  if ('scale' in order) return kit.runtime.scale(app, order.scale).id;
  return 'start' in order ? kit.runtime.startApp(app).deployment!.id : '';
}

process.on('message', async (order: Order) => {
  const id = await begin(order);
  process.send!({ id });
  if (id !== '') process.send!({ deployment: await kit.settled(kit.app(), id) });
});
