import { ExitCode, isRigError, RigError, type Services, type TerminalLease } from '@rig/plugin-api';
import { appPath } from '@rig/plugin-api/max';
import { readHostName } from './host-name.ts';
import { endedWith, joinSession, openSession, type SessionLink } from './session/index.ts';

/** Milliseconds that Max has for ending a connection that ssh has hung up. */
const HANG_UP_MS = 1000;

/**
 * Carries ssh's bytes, from standard input to standard output, to the SSH server of an app's instance, until either side
 * ends.
 *
 * @throws RigError `RIG_BAD_HOST`, `RIG_PROXY_TERMINAL` (2), and what Max refuses the connection with
 */
export async function proxy(services: Services, host: string): Promise<void> {
  const { app, network, instance } = readHostName(host);
  const lease = await services.lease();
  if (lease.isTTY) throw atTerminal(host);
  let link: SessionLink | undefined;
  // ssh ends what it has started by a signal: that is an end like any other, and nobody is to hear of it.
  services.signal.addEventListener('abort', () => link?.end(), { once: true });
  try {
    const session = await openSession(services, appPath({ app, network }), {
      kind: 'ssh',
      ...(instance === undefined ? {} : { instance }),
    });
    link = await joinSession(services, session.id);
    const joined = link;
    services.defer(() => hangUp(joined));
    void carryIn(lease, joined);
    for await (const bytes of joined.stdout) await lease.write(bytes);
    endedWith(session, await joined.ended);
  } catch (error) {
    if (!services.signal.aborted) throw error;
  }
}

async function carryIn(lease: TerminalLease, link: SessionLink): Promise<void> {
  try {
    for await (const bytes of lease.stdin) await link.write(bytes as Buffer);
  } finally {
    link.end();
  }
}

/** Tells Max that nothing more comes, so that what runs there ends now and not when Max has waited long enough. */
async function hangUp(link: SessionLink): Promise<void> {
  link.end();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, HANG_UP_MS);
  });
  await Promise.race([
    link.ended.catch((error: unknown) => (isRigError(error) ? undefined : Promise.reject(error))),
    late,
  ]);
  clearTimeout(timer);
}

const atTerminal = (host: string): RigError =>
  new RigError({
    code: 'RIG_PROXY_TERMINAL',
    message: 'rig ssh proxy speaks to ssh, not to a person at a terminal',
    hint: `set ssh up once: rig ssh config; then: ssh ${host}`,
    exitCode: ExitCode.Usage,
  });
