import { ExitCode, Option, type Origin, RigCommand, RigError, type Services, value } from '@rig/plugin-api';
import { openConfig } from './open.ts';

interface SettingInUse {
  key: string;
  value: string | number | boolean;
  layer: Origin;
  /** The file, variable or option that decided. */
  source: string;
}

/** `rig config get`: the value of one setting, and where it comes from. */
export class ConfigGet extends RigCommand<SettingInUse> {
  static override paths = [['config', 'get']];
  static override usage = RigCommand.Usage({
    description: 'Show the value of a setting',
    details: 'The nearest layer decides: option, environment, project file, user file, system file, default.',
    examples: [['Show the network that is meant where none is named', '$0 config get network']],
  });
  static override result = value<SettingInUse>(
    (setting) => [String(setting.value)],
    (setting) => String(setting.value),
  );

  key = Option.String({ name: 'KEY' });

  async run(services: Services): Promise<SettingInUse> {
    const config = await openConfig(services);
    const found = config.get<string | number | boolean>(this.key);
    const origin = config.origin(this.key);
    if (found === undefined || !origin)
      throw new RigError({
        code: 'RIG_CONFIG_NOT_SET',
        message: `the setting "${this.key}" has no value in any layer`,
        hint: `rig config set ${this.key} VALUE`,
        exitCode: ExitCode.NotFound,
      });
    return { key: this.key, value: found, ...origin };
  }
}
