import { resolve } from 'node:path';
import { formatBytes, Option, RigCommand, type Services, value } from '@rig/plugin-api';
import { backupModule } from '../../backup-module.ts';
import { stateDirOf } from '../../location.ts';
import { stateDirOption } from './options.ts';

/** What `rig max backup` gives. */
export interface MaxBackup {
  file: string;
  /** Bytes of the file. */
  size: number;
  createdAt: string;
  networks: number;
  apps: number;
  /** Files that apps wrote to while they were read: each is in it as of some moment, or of several. */
  changed: number;
  stateDir: string;
}

const some = (paths: readonly string[], count: number): string =>
  count > paths.length ? `${paths.join(', ')} and ${count - paths.length} more` : paths.join(', ');

/** `rig max backup FILE`. */
export class MaxBackupCommand extends RigCommand<MaxBackup> {
  static override paths = [['max', 'backup']];
  static override usage = RigCommand.Usage({
    category: 'Max',
    description: 'Write everything the embedded Max keeps into a file',
    details:
      'Networks, apps, vars, secrets, releases with their builds, tokens, logs and the data that apps keep in their homes. Max may ' +
      "run: apps serve on, and deploys go on. The file holds the key of the secrets and the owner's token: keep it as safe " +
      'as those. rig max restore brings it back, here or on another machine.',
    examples: [
      ['Back up', '$0 max backup max.tar.gz'],
      ['Every night, by cron', '$0 max backup ~/backups/max-$(date +%F).tar.gz'],
      ['Replace the one of yesterday', '$0 max backup max.tar.gz --force'],
    ],
  });
  static override result = value<MaxBackup>(
    ({ file, size, networks, apps }) => [
      `The backup is ${file}, ${formatBytes(size)}: ${networks} ${networks === 1 ? 'network' : 'networks'}, ${apps} ${apps === 1 ? 'app' : 'apps'}`,
    ],
    ({ file }) => file,
  );

  file = Option.String({ required: true, name: 'FILE' });
  force = Option.Boolean('--force', false, { description: 'Replace FILE where it is there' });
  stateDir = stateDirOption();

  async run(services: Services): Promise<MaxBackup> {
    const { runtime, output, signal } = services;
    const stateDir = stateDirOf(runtime, this.stateDir);
    output.note(`The Max in ${stateDir}`);
    const { backup } = await backupModule();
    const progress = output.progress('Backing up');
    const { changed, special, ...done } = await backup({
      dir: stateDir,
      file: resolve(runtime.cwd, this.file),
      force: this.force,
      version: runtime.version,
      signal,
      onProgress: (bytes) => progress.update(bytes, undefined, 'bytes'),
    });
    progress.done();
    if (changed.count > 0)
      output.warn(
        'RIG_BACKUP_CHANGED',
        `apps wrote to files while they were read, which may be neither as before nor as after: ${some(changed.paths, changed.count)}`,
      );
    if (special.count > 0)
      output.warn('RIG_SPECIAL_FILE', `left out, as they are no files: ${some(special.paths, special.count)}`);
    output.note("It holds the key of the secrets and the owner's token: keep it secret");
    return { ...done, changed: changed.count, stateDir };
  }
}
