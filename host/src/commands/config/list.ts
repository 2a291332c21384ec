import { type Column, list, Option, RigCommand, type Services } from '@rig/plugin-api';
import type { SettingRow } from '../../config/index.ts';
import { openConfig } from './open.ts';

/** A setting as it is listed. */
type ListedSetting = Pick<SettingRow, 'key' | 'value' | 'description'> & Partial<Pick<SettingRow, 'layer' | 'source'>>;

const KEY: Column<ListedSetting> = { header: 'KEY', value: (row) => row.key };
const VALUE: Column<ListedSetting> = { header: 'VALUE', value: (row) => row.value };

/** `rig config list`: every setting with its value, and with `--show-origin` the layer that decided. */
export class ConfigList extends RigCommand<ListedSetting[]> {
  static override paths = [['config', 'list']];
  static override usage = RigCommand.Usage({
    description: 'List settings and their values',
    examples: [['See which layer decided on each', '$0 config list --show-origin']],
  });
  static override result = list<ListedSetting>({
    columns: [
      KEY,
      VALUE,
      // Where it comes from, if that was asked for; else what it is for.
      { header: 'ABOUT', value: (row) => (row.layer === undefined ? row.description : originOf(row)) },
    ],
    name: (row) => row.key,
  });

  showOrigin = Option.Boolean('--show-origin', false, {
    description: 'Show the layer and the file or variable of each value',
  });

  async run(services: Services): Promise<ListedSetting[]> {
    const rows = (await openConfig(services)).list();
    if (this.showOrigin) return rows;
    return rows.map(({ key, value, description }) => ({ key, value, description }));
  }
}

const originOf = ({ layer, source }: ListedSetting): string =>
  layer === null ? 'not set' : layer === source ? `${layer}` : `${layer}: ${source}`;
