export { checkToken } from './api-token.ts';
export { type AuthOptions, createAuth, type HostAuth } from './auth.ts';
export type { AuthHost } from './host.ts';
export type { SignedIn, SignedOut } from './sign-in.ts';
export { type CredentialStore, openStore } from './store.ts';
