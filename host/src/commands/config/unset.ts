import { Option, RigCommand, type Services, value } from '@rig/plugin-api';
import { openConfig } from './open.ts';

interface RemovedSetting {
  key: string;
  /** Whether it was there. */
  removed: boolean;
  file: string;
}

/** `rig config unset`: removes one setting, or a whole context, from the user's file. */
export class ConfigUnset extends RigCommand<RemovedSetting> {
  static override paths = [['config', 'unset']];
  static override usage = RigCommand.Usage({
    description: "Remove a setting from the user's file",
    examples: [
      ['Forget the network', '$0 config unset network'],
      ['Forget a context', '$0 config unset contexts.work'],
    ],
  });
  static override result = value<RemovedSetting>(({ key, removed, file }) => [
    removed ? `${key} is removed (${file})` : `${key} was not set (${file})`,
  ]);

  key = Option.String({ name: 'KEY' });

  async run(services: Services): Promise<RemovedSetting> {
    const config = await openConfig(services);
    return { key: this.key, removed: await config.unset(this.key), file: config.userFile };
  }
}
