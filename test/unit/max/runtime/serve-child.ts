import { openRuntime } from './kit.ts';

// A Max of its own process, to be killed: `serve-child.ts DIR`; says its port, then what it is told to do on stdin.
const kit = await openRuntime({ dir: process.argv[2]! });
process.send!({ port: kit.port, log: kit.log });
process.on('message', async ({ deploy }: { deploy: Record<string, string> }) => {
  const app = kit.app();
  const upload = await kit.upload(app, deploy);
  const { id } = kit.runtime.createDeployment(app, upload);
  process.send!({ id });
  process.send!({ deployment: await kit.settled(app, id) });
});
