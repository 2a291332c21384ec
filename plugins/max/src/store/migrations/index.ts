import { sql as core } from './001-core.ts';
import { sql as runtime } from './002-runtime.ts';
import { sql as removal } from './003-removal.ts';
import { sql as config } from './004-config.ts';
import { sql as rollback } from './005-rollback.ts';
import { sql as scale } from './006-scale.ts';
import { sql as lifecycle } from './007-lifecycle.ts';
import { sql as settings } from './008-settings.ts';
import { sql as sources } from './009-sources.ts';
import { sql as tokenSuccession } from './010-token-succession.ts';
import { sql as audit } from './011-audit.ts';
import { sql as detachedCommands } from './012-detached-commands.ts';
import { sql as eventCodes } from './013-event-codes.ts';

/** One step of the database's format: applied once, in a transaction, never changed after a release. */
export interface Migration {
  /** Rises by one; kept in the database as `user_version`. */
  version: number;
  sql: string;
}

/** Every step, in order. */
export const migrations: readonly Migration[] = [
  { version: 1, sql: core },
  { version: 2, sql: runtime },
  { version: 3, sql: removal },
  { version: 4, sql: config },
  { version: 5, sql: rollback },
  { version: 6, sql: scale },
  { version: 7, sql: lifecycle },
  { version: 8, sql: settings },
  { version: 9, sql: sources },
  { version: 10, sql: tokenSuccession },
  { version: 11, sql: audit },
  { version: 12, sql: detachedCommands },
  { version: 13, sql: eventCodes },
];
