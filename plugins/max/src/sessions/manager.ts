import { setTimeout } from 'node:timers/promises';
import type { CreateSession, Session } from '@rig/plugin-api/max';
import type { Principal } from '../auth/authority.ts';
import { ProblemError } from '../http/problem-error.ts';
import { removeTree } from '../remove-tree.ts';
import type { SshHost } from '../ssh/ssh-host.ts';
import type { Audit, AuditLine } from '../store/audit.ts';
import type { Database } from '../store/database.ts';
import { newId } from '../store/ids.ts';
import type { StatePaths } from '../store/state-paths.ts';
import type { DetachedSessions } from './detached/detached-sessions.ts';
import { leftoverFolders, removeFolders } from './leftover-folders.ts';
import { openTarget, sessionFolder, type TargetSpec } from './open-target.ts';
import type { SessionPlace } from './place.ts';
import { LiveSession, type SessionFacts } from './session.ts';
import type { SessionEntry } from './session-entry.ts';
import { NO_SINK } from './sink.ts';
import { sourceOfText } from './source.ts';
import type { SessionTarget } from './target.ts';
import type { SessionTuning } from './tuning.ts';

/** What sessions are made from. */
export interface SessionManagerOptions {
  paths: Pick<StatePaths, 'apps' | 'networks'>;
  database: Database;
  audit: Audit;
  tuning: SessionTuning;
  /** What serves SSH connections. */
  ssh: SshHost;
  /** Those that go on without anybody, and without Max. */
  detached: DetachedSessions;
  /** Ends every process that bears the mark of one of these ids. */
  sweep(...ids: readonly string[]): Promise<void>;
  /** Writes a line to Max's log. */
  log(text: string): void;
}

/** Who begins a session, and from where. */
export interface SessionBeginner {
  principal: Principal;
  /** The address that the request came from. */
  from: string;
}

/** The sessions of this Max, from their beginning until nobody can come back to them. */
export class SessionManager {
  readonly #options: SessionManagerOptions;
  readonly #entries = new Map<string, SessionEntry>();
  #stopping = false;

  constructor(options: SessionManagerOptions) {
    this.#options = options;
  }

  /** Ends what is left of the sessions of an earlier Max, and says so in the audit. */
  async start(): Promise<void> {
    const { paths, audit, detached, sweep, log } = this.#options;
    const left = audit.open();
    await sweep(...new Set(left.map(({ session }) => session)));
    const ended = audit.closeUnseen(left, { reason: 'max-stopped' });
    if (ended > 0) log(`${ended === 1 ? 'a session' : `${ended} sessions`} ended with an earlier Max`);
    await detached.takeOver();
    // Known before any session begins; removed while Max goes on, as there may be much in them.
    void removeFolders(await leftoverFolders(paths, (id) => detached.find(id) !== undefined), log);
  }

  /** Ends every session that lives with Max; none begins from here on. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const entries = [...this.#entries.values()];
    for (const entry of entries) entry.stop('max-stopped');
    const ended = Promise.all(entries.map(({ whenEnded }) => whenEnded));
    const { maxStopMs, stopMarginMs } = this.#options.tuning;
    // A program that Max may not end, such as another user's, does not hold it up.
    await Promise.race([ended, setTimeout(maxStopMs + stopMarginMs, undefined, { ref: false })]);
    this.#options.detached.release();
  }

  /**
   * Begins a session. Synchronous, for the request's transaction: what it runs starts once that is committed.
   *
   * @throws ProblemError `RIG_TOO_MANY_SESSIONS` (429), `RIG_BUSY` (503) while Max ends
   */
  create(request: CreateSession, place: SessionPlace, { principal, from }: SessionBeginner): Session {
    this.#demandRoom(principal.user.id);
    const { database, audit } = this.#options;
    const { user } = principal;
    const { network, networkId, app, appId, instance, release } = place;
    const detach = request.kind === 'command' && request.detach === true;
    const argv = request.kind === 'command' ? request.argv.map((each) => place.blot(each)) : null;
    const facts: SessionFacts = {
      ...{ network, networkId, app, appId, instance, release, argv },
      id: newId('ses'),
      kind: request.kind,
      userId: user.id,
      user: user.name,
      startedAt: new Date().toISOString(),
      timeoutSeconds: request.kind === 'command' ? request.timeoutSeconds : undefined,
    };
    const record = (what: string | null, at = new Date().toISOString()) =>
      this.#logged(
        facts.id,
        audit.begin({
          ...{ network, networkId, app, appId, instance, release, from, at, principal, what },
          action: request.kind,
          session: facts.id,
          outlives: detach,
        }),
      );
    const line = record(whatOf(request, place, argv), facts.startedAt);
    const spec: TargetSpec = { id: facts.id, place, request, record };
    if (detach) this.#options.detached.create(spec, facts);
    else database.afterCommit(() => this.#begin(spec, facts, line));
    return {
      ...{ id: facts.id, kind: facts.kind, network, app, instance, release, argv, user: user.name },
      ...{ state: 'running', detached: detach, attached: false, startedAt: facts.startedAt, endedAt: null, end: null },
    };
  }

  /** Forgets it: nobody can come back to it. */
  remove(id: string): void {
    this.#entries.delete(id);
  }

  /** A user's session. */
  find(id: string, userId: string): SessionEntry | undefined {
    const entry = this.#entries.get(id) ?? this.#options.detached.find(id);
    return entry?.userId === userId ? entry : undefined;
  }

  /** A user's sessions, oldest first. */
  list(userId: string): SessionEntry[] {
    const own = [...this.#entries.values()].filter((entry) => entry.userId === userId);
    return [...own, ...this.#options.detached.list(userId)];
  }

  /** Ends what runs in a place that goes, and waits for that. */
  async endOf(of: { appId: string } | { networkId: string }): Promise<void> {
    const isOf = (entry: SessionEntry): boolean =>
      'appId' in of ? entry.appId === of.appId : entry.appId === null && entry.networkId === of.networkId;
    const entries = [...this.#entries.values()].filter(isOf);
    for (const entry of entries) entry.stop('stopped');
    const detached = 'appId' in of ? this.#options.detached.removeApp(of.appId) : undefined;
    await Promise.all([...entries.map(({ whenEnded }) => whenEnded), detached]);
  }

  /** Ends what goes on without Max, that of an earlier one too; gives how many. */
  endDetached(): Promise<number> {
    return this.#options.detached.endAll();
  }

  #demandRoom(userId: string): void {
    if (this.#stopping)
      throw new ProblemError(503, 'RIG_BUSY', 'Max is about to end', { headers: { 'retry-after': '1' } });
    const { tuning, detached } = this.#options;
    const { perUser, inAll } = tuning;
    const running = [...this.#entries.values()].filter((entry) => entry.view().state === 'running');
    const own = running.filter((entry) => entry.userId === userId).length + detached.running(userId);
    const all = running.length + detached.running();
    if (all < inAll && own < perUser) return;
    const [count, most] = own >= perUser ? [own, `${perUser} of a user`] : [all, `${inAll} in all`];
    throw new ProblemError(
      429,
      'RIG_TOO_MANY_SESSIONS',
      `${count} shells, commands and connections are open, and Max allows ${most}`,
      { fix: 'end one of them, then try again' },
    );
  }

  /** A line whose end, where it cannot be stored, is a matter of Max's log and not of who has ended. */
  #logged(session: string, line: AuditLine): AuditLine {
    return {
      id: line.id,
      end: (end, bytes) => {
        try {
          line.end(end, bytes);
        } catch (error) {
          this.#options.log(`the end of ${line.id} in ${session} could not be stored: ${(error as Error).message}`);
        }
      },
    };
  }

  #begin(spec: TargetSpec, facts: SessionFacts, line: AuditLine): void {
    const { tuning, log } = this.#options;
    const release = spec.place.hold();
    const session = new LiveSession(facts, this.#open(spec), tuning, {
      ended: (end, bytes) => {
        release();
        line.end(end, bytes);
        void removeTree(sessionFolder(spec)).catch((error: Error) =>
          log(`the folder of ${facts.id} could not be removed: ${error.message}`),
        );
      },
      gone: () => this.remove(facts.id),
    });
    this.#entries.set(facts.id, session);
  }

  /** Starts what runs; where that fails the session ends at once, and says why. */
  #open(spec: TargetSpec): SessionTarget {
    try {
      return openTarget(spec, this.#options.ssh);
    } catch (error) {
      this.#options.log(`${spec.id} could not be started: ${(error as Error).message}`);
      const ended = Promise.resolve({ code: null, signal: null, failed: (error as Error).message });
      const nothing = { stdin: NO_SINK, stdout: sourceOfText(''), stderr: null };
      return { ...nothing, ended, stop: () => {}, close: () => {} };
    }
  }
}

function whatOf(request: CreateSession, place: SessionPlace, argv: string[] | null): string | null {
  if (request.kind === 'forward') return `localhost:${request.port ?? place.port}`;
  return argv === null ? null : argv.map(quoted).join(' ');
}

/** An argument as a shell would be told it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
