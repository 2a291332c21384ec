import type { SessionEnd, SessionKind } from './sessions.ts';

/** What was done inside an app or a network, and by whom: an item of `GET /v1/audit`, scope `admin`, newest first. */
export interface AuditEntry {
  /** Stable, `aud_…`. */
  id: string;
  /** When it began, ISO 8601 in UTC. */
  at: string;
  /** Name of the user. */
  user: string;
  /** The API token that was used, by id and name; `null` for a sign-in without one. */
  token: { id: string; name: string } | null;
  /** What was done; what is done within an SSH connection has entries of its own, with `ssh` here. */
  action: SessionKind;
  /** Name of the network, as it was then. */
  network: string;
  /** Name of the app, as it was then; `null` for the control plane of the network. */
  app: string | null;
  /** `web.1`; `null` without an app. */
  instance: string | null;
  /** Version of the release; `null` without an app. */
  release: number | null;
  /**
   * What was run, or reached (`localhost:5432`); `null` for an interactive shell. Values of the app's variables and
   * secrets are blotted out; beyond 4,000 characters it is cut, and ends in `…`.
   */
  what: string | null;
  /** Address that it came from. */
  from: string;
  /** Id of the session. */
  session: string;
  /** When it ended, ISO 8601 in UTC; `null` while it goes on. */
  endedAt: string | null;
  /** How it ended; `null` while it goes on. */
  end: SessionEnd | null;
  /** Bytes that went in. */
  bytesIn: number;
  /** Bytes that came out. */
  bytesOut: number;
}
