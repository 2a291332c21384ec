import { join } from 'node:path';
import { askApp, deploy, writeNodeApp } from '../support/app.ts';
import { startMax } from '../support/max.ts';
import { hasTools } from '../support/tools.ts';
import { type Caddy, startCaddy } from './caddy.ts';
import type { Figure } from './figure.ts';
import { type Borne, putUnderLoad } from './http-load.ts';
import { median } from './measure.ts';

const APP = 'plain.bench';
const CONNECTIONS = 32;
const SECONDS = 3;

/** Answers a kilobyte at once, and at /port with the port that it listens on. */
const SOURCE = `import { createServer } from 'node:http';
const body = 'x'.repeat(1024);
const server = createServer((request, response) => {
  const text = request.url === '/port' ? process.env.PORT : body;
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': text.length }).end(text);
});
server.keepAliveTimeout = 60_000;
server.listen(process.env.PORT, '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
`;

const middle = (all: readonly Borne[]): Borne => ({
  requestsPerSecond: median(all.map(({ requestsPerSecond }) => requestsPerSecond)),
  p50: median(all.map(({ p50 }) => p50)),
  p99: median(all.map(({ p99 }) => p99)),
});

const tell = ({ p50, p99 }: Borne): string => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;

/** Max's router beside Debian's caddy and no proxy at all, in front of one instance of one app, in turn. */
export async function measureRouter(rounds: number): Promise<Figure[]> {
  const max = await startMax();
  let caddy: Caddy | undefined;
  try {
    await deploy(max, APP, await writeNodeApp(join(max.home.dir, 'app'), SOURCE));
    const appPort = Number((await askApp(max, APP, '/port')).body);
    if (hasTools('caddy')) caddy = await startCaddy(appPort);
    const ways: Record<string, number> = {
      direct: appPort,
      max: max.port,
      ...(caddy ? { caddy: caddy.port } : {}),
    };
    const borne: Record<string, Borne[]> = {};
    // The first round warms up; the order turns with every round.
    for (let round = 0; round <= rounds; round += 1) {
      const order = Object.entries(ways);
      if (round % 2 === 1) order.reverse();
      for (const [way, port] of order) {
        const load = { port, host: `${APP}.localhost:${max.port}`, connections: CONNECTIONS, seconds: SECONDS };
        const one = await putUnderLoad(load);
        if (round > 0) borne[way] = [...(borne[way] ?? []), one];
      }
    }
    return figuresOf(borne);
  } finally {
    await caddy?.stop();
    await max.stop();
  }
}

function figuresOf(borne: Record<string, Borne[]>): Figure[] {
  const [direct, max, caddy] = ['direct', 'max', 'caddy'].map((way) => borne[way]);
  if (direct === undefined || max === undefined) throw new Error('nothing was measured');
  const note = `one app instance, 1 KiB answers, ${CONNECTIONS} connections`;
  const figures: Figure[] = [
    {
      name: 'router: no proxy',
      value: middle(direct).requestsPerSecond,
      unit: 'requests/s',
      note: tell(middle(direct)),
    },
    {
      name: 'router: Max',
      value: middle(max).requestsPerSecond,
      unit: 'requests/s',
      note: `${tell(middle(max))}; ${note}`,
    },
  ];
  if (caddy === undefined) {
    console.error('bench: caddy is not installed; the router is measured beside no other one (apt-get install caddy)');
    return figures;
  }
  const pairs = (value: (one: Borne) => number): number =>
    median(max.map((one, round) => value(caddy[round] as Borne) / value(one)));
  figures.push(
    { name: 'router: caddy', value: middle(caddy).requestsPerSecond, unit: 'requests/s', note: tell(middle(caddy)) },
    {
      name: 'router: requests/s of caddy / of Max',
      value: pairs(({ requestsPerSecond }) => requestsPerSecond),
      unit: '×',
      limit: 1.5,
      note: 'Max routes on one thread of Node, caddy on every core',
    },
    { name: 'router: p50 of Max / of caddy', value: 1 / pairs(({ p50 }) => p50), unit: '×', limit: 1.5 },
  );
  return figures;
}
