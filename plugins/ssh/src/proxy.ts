import { ExitCode, RigError, type Services, type TerminalLease } from '@rig/plugin-api';
import { appPath, type Session } from '@rig/plugin-api/max';
import { readHostName } from './host-name.ts';
import {
  endedWith,
  type Interrupts,
  joinSession,
  openSession,
  type SessionLink,
  withInterrupts,
} from './session/index.ts';

/** Milliseconds that Max has for ending a connection that ssh has hung up. */
const HANG_UP_MS = 1000;

/**
 * Carries ssh's bytes, from standard input to standard output, to the SSH server of an app's instance, until either side
 * ends; gives the exit code.
 *
 * @throws RigError `RIG_BAD_HOST`, `RIG_PROXY_TERMINAL` (2), and what Max refuses the connection with
 */
export async function proxy(services: Services, host: string): Promise<number> {
  const { app, network, instance } = readHostName(host);
  const lease = await services.lease();
  if (lease.isTTY) throw atTerminal(host);
  const path = appPath({ app, network });
  const connected = await connect(services, () =>
    openSession(services, path, { kind: 'ssh', ...(instance === undefined ? {} : { instance }) }),
  );
  if ('exitCode' in connected) return connected.exitCode;
  const { session, link } = connected;
  let isHungUp = false;
  // ssh ends what it has started by a signal: that is an end like any other, and nobody is to hear of it. Ctrl-C is for ssh,
  // or for the sftp above it, which goes on.
  const onSignal = (signal: string): void => {
    if (signal === 'SIGINT' || isHungUp) return;
    isHungUp = true;
    void hangUp(link);
  };
  const stop = services.onSignal(onSignal, { always: true });
  try {
    // Its end ends the link, however it came.
    void carryIn(lease, link).catch(() => {});
    for await (const bytes of link.stdout) await lease.write(bytes);
    if (!isHungUp) endedWith(session, await link.ended);
    return ExitCode.Ok;
  } finally {
    stop();
  }
}

/**
 * Begins a session and joins it. Until then a signal ends it like any program, Ctrl-C too, whatever Max does: ssh has given
 * up then, and nobody is to hear of it either.
 */
async function connect(
  services: Services,
  open: () => Promise<Session>,
): Promise<{ session: Session; link: SessionLink } | { exitCode: number }> {
  let interrupts: Interrupts | undefined;
  try {
    return await withInterrupts(services, async (own) => {
      interrupts = own;
      const session = await own.open(open);
      return { session, link: await joinSession(services, session.id) };
    });
  } catch (error) {
    if (!interrupts?.isOver) throw error;
    return { exitCode: interrupts.interruption('interrupted').exitCode };
  }
}

async function carryIn(lease: TerminalLease, link: SessionLink): Promise<void> {
  try {
    for await (const bytes of lease.stdin) await link.write(bytes as Buffer);
  } finally {
    link.end();
  }
}

/** Tells Max that nobody is there any more, so that what runs ends now and not when Max has waited long enough. */
async function hangUp(link: SessionLink): Promise<void> {
  link.signal('SIGHUP');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, HANG_UP_MS);
  });
  await Promise.race([link.ended.catch(() => undefined), late]);
  clearTimeout(timer);
  await link.leave();
}

const atTerminal = (host: string): RigError =>
  new RigError({
    code: 'RIG_PROXY_TERMINAL',
    message: 'rig ssh proxy speaks to ssh, not to a person at a terminal',
    hint: `set ssh up once: rig ssh config; then: ssh ${host}`,
    exitCode: ExitCode.Usage,
  });
