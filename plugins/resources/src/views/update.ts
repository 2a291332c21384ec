import { type Block, value } from '@rig/plugin-api';
import { fullName } from '../names.ts';
import { type Change, SETTINGS } from '../settings/changes.ts';
import type { UpdatedApp, UpdatedNetwork } from '../settings/update.ts';

function changesBlock(changes: readonly Change[]): Block {
  return {
    columns: ['SETTING', 'FROM', 'TO', 'TAKES EFFECT'],
    rows: changes.map(({ setting, from, to, takesEffect }) => {
      const known = SETTINGS.find(({ name }) => name === setting);
      const show = (shown: Change['from']): string => known?.show(shown) ?? String(shown);
      return [known?.option ?? setting, show(from), show(to), takesEffect];
    }),
  };
}

/** What an update changed of an app, and what makes the rest of it hold. */
export const updatedApp = value<UpdatedApp>(
  (updated): Block[] => {
    const { changes, url, state } = updated;
    const name = fullName(updated);
    if (changes.length === 0) return [`Nothing was changed: app ${name} was like that already.`];
    return [
      `Updated app ${name}`,
      changesBlock(changes),
      ...(changes.some(({ setting }) => setting === 'name') ? [{ fields: [['url', url]] } satisfies Block] : []),
      // What does not run has all of it from its next start on.
      ...(state !== 'empty' &&
      state !== 'stopped' &&
      changes.some(({ takesEffect }) => takesEffect === 'with the next release or restart')
        ? [`To let all of it hold now: rig restart app ${name}`]
        : []),
    ];
  },
  (updated) => fullName(updated),
);

/** What an update changed of a network. */
export const updatedNetwork = value<UpdatedNetwork>(
  ({ network, hostname, changes }): Block[] =>
    changes.length === 0
      ? [`Nothing was changed: network ${network} was like that already.`]
      : [`Updated network ${network}`, changesBlock(changes), { fields: [['hostname', hostname]] }],
  ({ network }) => network,
);
