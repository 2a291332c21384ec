import type { CreateSession, Session, SessionEnd } from '@rig/plugin-api/max';
import type { SessionTuning } from '../../../../plugins/max/src/sessions/tuning.ts';
import { fileEntry, type MaxKit, makeDir, openMax, PACK, packed } from '../max-kit.ts';
import { SessionClient } from './session-client.ts';

/** A Max with the app `api.shop`, which runs. */
export interface SessionKit extends MaxKit {
  /** Begins a session in the app. */
  begin(session: CreateSession, app?: string): Promise<Session>;
  /** Begins one and joins it. */
  open(session: CreateSession): Promise<SessionClient>;
  /** Runs a command to its end. */
  run(argv: string[], input?: string | Buffer): Promise<{ client: SessionClient; end: SessionEnd }>;
  /** Deploys the app anew; gives the release. */
  deploy(files?: Record<string, string>, app?: string): Promise<number>;
}

/** A server that answers with its environment. */
export const APP: Record<string, string> = {
  'package.json': JSON.stringify({ scripts: { start: 'exec node server.js' } }),
  'server.js': `require('node:http').createServer((req, res) => res.end('hello')).listen(process.env.PORT, '127.0.0.1');`,
};

/** A shell for a terminal of the usual size. */
export const SHELL: CreateSession = { kind: 'shell', terminal: { columns: 80, rows: 24, term: 'xterm-256color' } };

/** Starts a Max with an app that is deployed: on a folder of its own or a new one that is named, or on that of an earlier one. */
export async function openSessions(
  options: { tuning?: Partial<SessionTuning>; dir?: string; newIn?: string } = {},
): Promise<SessionKit> {
  const isNew = options.dir === undefined;
  const max = await openMax(options.dir ?? options.newIn ?? makeDir(), options.tuning);
  const base = '/v1/networks/shop/apps';
  const kit: SessionKit = {
    ...max,
    begin: async (session, app = 'api') => {
      const { status, json, text } = await max.ask('POST', `${base}/${app}/sessions`, { json: session });
      if (status !== 201) throw new Error(text);
      return json;
    },
    open: async (session) => new SessionClient(max, (await kit.begin(session)).id).join(),
    run: async (argv, input) => {
      const client = await kit.open({ kind: 'command', argv });
      if (input !== undefined) client.write(input);
      client.writeEnd();
      return { client, end: await client.untilEnd() };
    },
    deploy: async (files = APP, app = 'api') => {
      const entries = Object.entries(files).map(([path, text]) => fileEntry(path, text));
      const upload = (await max.ask('POST', `${base}/${app}/uploads`, { json: { entries } })).json;
      const body = Buffer.concat(Object.values(files).map((text) => packed(text)));
      await max.ask('POST', `${base}/${app}/uploads/${upload.id}/packs`, { headers: PACK, body });
      const { json } = await max.ask('POST', `${base}/${app}/deployments`, { json: { upload: upload.id } });
      for (;;) {
        const now = (await max.ask('GET', `${base}/${app}/deployments/${json.id}`)).json;
        if (now.state === 'healthy') return now.release;
        if (now.failure !== null) throw new Error(now.failure.reason);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    remove: async () => {
      await max.ask('POST', `${base}/api/stop`);
      for (const { name } of (await max.ask('GET', base)).json?.items ?? []) await max.ask('DELETE', `${base}/${name}`);
      await max.remove();
    },
  };
  if (isNew) {
    await max.ask('POST', '/v1/networks', { json: { name: 'shop' } });
    await max.ask('POST', base, { json: { name: 'api' } });
    await kit.deploy();
  }
  return kit;
}
