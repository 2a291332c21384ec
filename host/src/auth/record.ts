/** What a secret is: `refresh` renews a sign-in, `access` is sent with requests, `api` is an API token sent as it is. */
export type CredentialKind = 'refresh' | 'access' | 'api';

/** A credential but for its secret. */
export interface CredentialHead {
  kind: CredentialKind;
  /** Base URL of the Max that it is for; it is sent to no other. */
  server: string;
  /** The user's name there. */
  subject: string;
  /** ISO 8601 by this machine's clock; `null` where it does not expire. */
  expiresAt: string | null;
}

/** A whole credential. */
export interface Credential extends CredentialHead {
  secret: string;
}

/** The name of a credential in a keychain, and its identity: there is one of a kind for a user of a server. */
export function accountOf({ kind, server, subject }: CredentialHead): string {
  return `${kind} ${subject}@${server}`;
}

/** Tells whether a credential still holds `marginMs` from now. */
export function holds(head: CredentialHead, marginMs: number): boolean {
  return head.expiresAt === null || Date.parse(head.expiresAt) - Date.now() > marginMs;
}
