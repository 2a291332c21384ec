import type { Services, TerminalLease } from '@rig/plugin-api';
import { appPath, networkPath, type Session } from '@rig/plugin-api/max';
import { type Interrupts, joinSession, openSession, withInterrupts } from '../session/index.ts';
import { noTerminal } from './errors.ts';
import { onlyShell, placeName, type ShellPlace, shellById } from './find-shell.ts';
import { type ReachedShell, runShell } from './run-shell.ts';

/** What was asked for. */
export interface ShellWish {
  app: string | undefined;
  network: string | undefined;
  instance: string | undefined;
  attach: boolean;
  /** Id of the shell to come back to. */
  session: string | undefined;
}

/** Opens a shell, or comes back to one, and shows it until its end; gives its exit code. */
export async function beginShell(services: Services, wish: ShellWish): Promise<number> {
  // Until the terminal is raw Ctrl-C is a signal; a shell that nobody has seen yet is not left behind.
  const shell = await withInterrupts(services, (interrupts) => reach(services, wish, interrupts), wish.attach);
  return runShell({ services, ...shell });
}

async function reach(services: Services, wish: ShellWish, interrupts: Interrupts): Promise<ReachedShell> {
  const [http, place] = await Promise.all([services.http(), placeOf(services, wish)]);
  let found: Session | undefined;
  if (wish.session !== undefined) found = await shellById(http, wish.session);
  else if (wish.attach) found = await onlyShell(http, place as Place, wish.instance);
  await sayTarget(services, place, found);
  const lease = await takeTerminal(services);
  try {
    const session = await interrupts.open(async () => found ?? open(services, place as Place, wish.instance, lease));
    const link = await joinSession(services, session.id, { terminal: lease.size() });
    return { lease, session, link, isAttached: found !== undefined };
  } catch (error) {
    await lease.release();
    throw error;
  }
}

type Place = ShellPlace & { origin: string };

/** An id alone says where its shell is. */
async function placeOf(services: Services, { app, network, session }: ShellWish): Promise<Place | undefined> {
  if (session !== undefined) return undefined;
  const config = await services.config();
  if (app !== undefined || network === undefined) return config.app({ app, network });
  return { ...config.network(network), app: undefined };
}

async function sayTarget(services: Services, place: Place | undefined, session: Session | undefined): Promise<void> {
  const { network, app } = session ?? (place as Place);
  const name = placeName({ network, app: app ?? undefined });
  const what = app === null || app === undefined ? name : `app ${name}`;
  const where = session?.instance ? `, instance ${session.instance}` : '';
  await services.output.target(`${what}${where}`, place?.origin);
}

async function takeTerminal(services: Services): Promise<TerminalLease> {
  const lease = await services.lease();
  const { stdin, stdout } = lease.terminals;
  if (stdin && stdout) return lease;
  await lease.release();
  throw noTerminal(stdin ? 'output' : 'input');
}

function open(services: Services, place: Place, instance: string | undefined, lease: TerminalLease): Promise<Session> {
  const { network, app } = place;
  return openSession(services, app === undefined ? networkPath(network) : appPath({ network, app }), {
    kind: 'shell',
    ...(instance === undefined ? {} : { instance }),
    terminal: { ...lease.size(), term: services.runtime.env.TERM ?? 'xterm' },
  });
}
