import { ExitCode, isRigError, type Services, type TerminalLease } from '@rig/plugin-api';
import type { Session } from '@rig/plugin-api/max';
import { endedWith, type SessionLink } from '../session/index.ts';
import { shellEnding, shellLeft } from './errors.ts';
import { ESCAPES, type Escape } from './escapes.ts';
import { LinkNotice } from './link-notice.ts';
import { readKeys } from './read-keys.ts';
import { redraw } from './redraw.ts';

/** Milliseconds for Max to end a shell that its user ends. */
const endMs = 5000;

/** A shell that was joined, and the terminal that is to show it. */
export interface ReachedShell {
  /** A terminal at both ends. */
  lease: TerminalLease;
  session: Session;
  link: SessionLink;
  /** Somebody comes back to it, so that its screen has to be drawn anew. */
  isAttached: boolean;
}

type RunShellOptions = ReachedShell & { services: Services };

/**
 * Shows a shell on the terminal until it ends, byte for byte in both directions, and gives its exit code.
 *
 * @throws RigError for every end but the shell's own
 */
export async function runShell({ services, lease, session, link, isAttached }: RunShellOptions): Promise<number> {
  lease.setRawMode(true, { output: true });
  const stops: Array<() => void> = [];
  try {
    const notice = new LinkNotice(lease);
    stops.push(
      lease.onResize((size) => link.resize(size)),
      link.onState(({ state }) => (state === 'lost' ? notice.lost() : void backAgain(notice, link, lease))),
      () => notice.dispose(),
      link.onHole(
        ({ from, to }) => void lease.write(`\r\n(${to - from} bytes of output are missing)\r\n`).catch(() => {}),
      ),
    );
    // It may have changed since the join.
    link.resize(lease.size());
    const left = new Promise<never>((_, reject) => {
      stops.push(readKeys(lease, link, (asked) => void obey(asked, { services, lease, link, session }).catch(reject)));
    });
    if (isAttached) void redraw(link, lease);
    const shown = showOutput(link, lease);
    // Another end may come before it, and then nobody waits for what it could not show.
    shown.catch(() => {});
    const end = await Promise.race([link.ended, left]);
    await shown;
    return endedWith(session, end);
  } catch (error) {
    // What is said next begins a line of its own; a whole screen is given back with its cursor.
    if (!lease.isFullScreen) await lease.write('\r\n').catch(() => {});
    throw error;
  } finally {
    for (const stop of stops) stop();
    await link.leave();
    await lease.release();
  }
}

async function showOutput(link: SessionLink, lease: TerminalLease): Promise<void> {
  for await (const bytes of link.stdout) await lease.write(bytes);
}

async function backAgain(notice: LinkNotice, link: SessionLink, lease: TerminalLease): Promise<void> {
  if (await notice.back()) await redraw(link, lease);
}

async function obey(
  asked: Escape,
  { services, lease, link, session }: Omit<RunShellOptions, 'isAttached'>,
): Promise<void> {
  if (asked === 'help') {
    await lease.write(`\r\n${ESCAPES.join('\r\n')}\r\n`);
    return;
  }
  if (asked === 'suspend') {
    lease.suspend();
    await redraw(link, lease);
    return;
  }
  if (link.isLost) throw shellLeft(session);
  const http = await services.http();
  const ended = await http
    .request<Session>('DELETE', `/v1/sessions/${session.id}`, { timeout: endMs })
    .catch((error) => {
      // Max has heard it, and ends by force what does not end by itself.
      const isSlow = isRigError(error) && error.exitCode === ExitCode.TimedOut && !link.isLost;
      throw isSlow ? shellEnding(session) : shellLeft(session);
    });
  // At once: what a flood has left on its way is not waited for.
  if (ended.data.end !== null) endedWith(session, ended.data.end);
}
