import { list, value } from '@rig/plugin-api';
import type { Secret, Var } from '@rig/plugin-api/max';
import type { ConfigResult } from '../config/change.ts';
import { when } from './format.ts';

/** Names that a sentence lists; `-o json` has all of them. */
const SHOWN = 20;

function sentence(verb: string, kind: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length - SHOWN;
  const listed = `${names.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return [`${verb} ${names.length === 1 ? kind : `${names.length} ${kind}s`}: ${listed}`];
}

/** What a change of vars or secrets did: names, never values. */
export const configView = value<ConfigResult>(
  ({ app, network, kind, set, unchanged, deleted, release, stopped }) => [
    ...sentence('Set', kind, set),
    ...sentence('Unchanged', kind, unchanged),
    ...sentence('Deleted', kind, deleted),
    release !== null
      ? stopped
        ? `v${release} of ${app}.${network} is released, and the app stays stopped: rig start app ${app}.${network}`
        : `v${release} of ${app}.${network} serves.`
      : set.length + deleted.length === 0
        ? 'Nothing was changed.'
        : `It waits for the next deploy: rig deploy --app ${app}.${network}`,
  ],
  ({ set, unchanged, deleted }) => [...set, ...unchanged, ...deleted].join('\n'),
);

const staged = (item: { staged: boolean }): string | null => (item.staged ? 'waits for a deploy' : null);

/** Vars as a table. */
export const varList = list<Var>({
  columns: [
    { header: 'NAME', value: (item) => item.name },
    { header: 'VALUE', value: (item) => item.value },
    { header: 'UPDATED', value: (item) => when(item.updatedAt) },
    { header: 'STATE', value: staged },
  ],
  name: (item) => item.name,
  empty: 'No vars yet. Make one: rig create var KEY=VALUE --app APP.NETWORK',
});

/** Secrets as a table, without their values. */
export const secretList = list<Secret>({
  columns: [
    { header: 'NAME', value: (item) => item.name },
    { header: 'DIGEST', value: (item) => item.digest.slice(0, 16) },
    { header: 'UPDATED', value: (item) => when(item.updatedAt) },
    { header: 'STATE', value: staged },
  ],
  name: (item) => item.name,
  empty: 'No secrets yet. Make one: rig create secret KEY --app APP.NETWORK',
});
