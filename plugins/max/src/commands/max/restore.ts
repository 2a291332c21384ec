import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Option, RigCommand, type Services, value } from '@rig/plugin-api';
import { backupModule } from '../../backup-module.ts';
import { endApps, runningOn } from '../../daemon.ts';
import { stateDirOf } from '../../location.ts';
import { stateFolderInUse } from '../../store/errors.ts';
import { REPLACED_FOLDER, statePaths } from '../../store/state-paths.ts';
import { stateDirOption } from './options.ts';

/** What `rig max restore` gives. */
export interface MaxRestore {
  file: string;
  stateDir: string;
  /** When the backup was made. */
  createdAt: string;
  networks: number;
  apps: number;
  /** Whether something was there before, which is gone now. */
  replaced: boolean;
  /** Whether the backup was only verified. */
  dryRun: boolean;
}

/** What is typed to confirm. */
const WORD = 'max';

function say({ file, stateDir, createdAt, networks, apps, dryRun }: MaxRestore): string {
  const holds = `${networks} ${networks === 1 ? 'network' : 'networks'} and ${apps} ${apps === 1 ? 'app' : 'apps'} as of ${createdAt}`;
  return dryRun ? `${file} is whole: ${holds}` : `${stateDir} holds ${holds}`;
}

/** `rig max restore FILE`. */
export class MaxRestoreCommand extends RigCommand<MaxRestore> {
  static override paths = [['max', 'restore']];
  static override usage = RigCommand.Usage({
    category: 'Max',
    description: 'Bring back what rig max backup wrote',
    details:
      'Max must not run. The file is verified as a whole before anything changes; until then, and when it fails or is killed, the ' +
      'state is as it was. What is there is replaced: it asks first, --yes answers in scripts. The code of the apps in the ' +
      'file runs at the next rig max up: restore what you trust.',
    examples: [
      ['Bring everything back', '$0 max restore max.tar.gz'],
      ['Is this backup whole?', '$0 max restore max.tar.gz --dry-run'],
      ['A second Max beside the first', '$0 max restore max.tar.gz --state-dir ~/other-max'],
    ],
  });
  static override result = value<MaxRestore>((restored) => [say(restored)]);

  file = Option.String({ required: true, name: 'FILE' });
  yes = Option.Boolean('--yes', false, { description: 'Do not ask' });
  dryRun = Option.Boolean('--dry-run', false, { description: 'Verify the file, and change nothing' });
  stateDir = stateDirOption();

  async run(services: Services): Promise<MaxRestore> {
    const { runtime, output, prompt, signal } = services;
    const file = resolve(runtime.cwd, this.file);
    const stateDir = stateDirOf(runtime, this.stateDir);
    const { restore, verify } = await backupModule();
    const replaced = existsSync(statePaths(stateDir).database);
    if (!this.dryRun) {
      output.note(`The Max in ${stateDir}`);
      const run = runningOn(stateDir);
      if (run !== undefined) throw stateFolderInUse(stateDir, run.pid);
      const question = `Replace all networks, apps, releases and logs in ${stateDir} by those of ${file}?`;
      if (replaced && !this.yes) await prompt.confirmByName(question, WORD);
    }
    const progress = output.progress(this.dryRun ? 'Verifying' : 'Restoring');
    const onProgress = (bytes: number): void => progress.update(bytes, undefined, 'bytes');
    const work = { dir: stateDir, file, signal, onProgress };
    const { otherPlatform, ...done } = await (this.dryRun ? verify(work) : restore(work));
    progress.done();
    if (otherPlatform !== undefined)
      output.warn(
        'RIG_BACKUP_PLATFORM',
        `it was made on ${otherPlatform}: deploy apps again whose packages hold programs for that`,
      );
    // Instances of what was there before: an earlier Max may have left them running.
    if (!this.dryRun && existsSync(join(stateDir, REPLACED_FOLDER))) await endApps(services, stateDir);
    const self = this.stateDir === undefined ? '' : ` --state-dir ${stateDir}`;
    if (!this.dryRun) output.note(`Start Max with: rig max up${self}`);
    return { file, stateDir, ...done, replaced: replaced && !this.dryRun, dryRun: this.dryRun };
  }
}
