import { request } from 'node:http';
import type { RunningMax } from './max.ts';

/** Makes apps `app-1`, `app-2`, … through the API, as a process of rig for each would take minutes. */
export async function createApps(max: RunningMax, network: string, count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1) {
    const status = await post(max, `/v1/networks/${network}/apps`, { name: `app-${index}` });
    if (status !== 201) throw new Error(`app-${index} was not made: ${status}`);
  }
}

function post(max: RunningMax, path: string, json: unknown): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port: max.port,
      path,
      method: 'POST',
      headers: { authorization: `Bearer ${max.token}`, 'content-type': 'application/json' },
    });
    asked.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode)));
    asked.on('error', reject);
    asked.end(JSON.stringify(json));
  });
}
