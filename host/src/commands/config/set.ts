import { Option, RigCommand, type Services, value } from '@rig/plugin-api';
import type { HostConfig } from '../../config/index.ts';
import { openConfig } from './open.ts';

interface WrittenSetting {
  key: string;
  value: string | number | boolean;
  /** The file that has it now. */
  file: string;
}

/** `rig config set`: writes one setting to the user's file. */
export class ConfigSet extends RigCommand<WrittenSetting> {
  static override paths = [['config', 'set']];
  static override usage = RigCommand.Usage({
    description: "Write a setting to the user's file",
    details: 'A nearer layer (option, environment, project file) still beats it; then a warning says so.',
    examples: [
      ['Name the network that is meant where none is named', '$0 config set network shop'],
      ['Make a context for a server', '$0 config set contexts.work.server https://max.example.com'],
    ],
  });
  static override result = value<WrittenSetting>((written) => [`${written.key} is ${written.value} (${written.file})`]);

  key = Option.String({ name: 'KEY' });
  value = Option.String({ name: 'VALUE' });

  async run(services: Services): Promise<WrittenSetting> {
    const config = await openConfig(services);
    await config.set(this.key, this.value);
    warnOfNearer(config, this.key, services);
    const written = config.list().find(({ key }) => key === this.key);
    const now = written?.layer === 'user' ? written.value : this.value;
    return { key: this.key, value: now ?? this.value, file: config.userFile };
  }
}

/** Says so where what was written does not decide. */
function warnOfNearer(config: HostConfig, key: string, services: Services): void {
  const origin = config.origin(key);
  if (origin && origin.layer !== 'user')
    services.output.warn('RIG_CONFIG_SHADOWED', `"${key}" is written, but ${origin.source} is nearer and decides here`);
  const server = config.origin('server');
  if (key === 'context' && (server?.layer === 'user' || server?.layer === 'environment'))
    services.output.warn(
      'RIG_CONFIG_SHADOWED',
      server.layer === 'user'
        ? '"context" is written, but "server" is set as well and decides: rig config unset server'
        : `"context" is written, but ${server.source} is nearer and decides here`,
    );
}
