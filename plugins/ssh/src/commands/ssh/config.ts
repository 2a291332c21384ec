import { ExitCode, Option, RigCommand, RigError, type Services, value } from '@rig/plugin-api';
import { configFile, removeSshConfig, type SshConfig, writeSshConfig } from '../../config/ssh-config.ts';

/** `rig ssh config`. */
export class SshConfigCommand extends RigCommand<SshConfig> {
  static override paths = [['ssh', 'config']];
  static override usage = RigCommand.Usage({
    category: 'SSH',
    description: 'Let ssh, scp, sftp, rsync and editors reach the apps by their names',
    details:
      'Writes one marked block into ~/.ssh/config, at its top, and leaves everything else in it as it is; once more, and ' +
      'after there is another network, it brings the block up to date. APP.NETWORK and APP.NETWORK.rig lead to the first ' +
      'instance that runs, web.2.APP.NETWORK.rig to that one. With --long-names a network hides no hosts of the Internet ' +
      'that are called like it, such as github.dev beside a network dev: only names with .rig are taken then. Nothing is ' +
      'opened to the network: ssh runs rig ssh proxy, which goes the way that rig itself goes.',
    examples: [
      ['Set it up, and look around in an app', '$0 ssh config && ssh api.shop'],
      ['See what would be written', '$0 ssh config --print'],
      ['Take it out again, for every context', '$0 ssh config --remove'],
    ],
  });
  static override result = value<SshConfig>(view, ({ file }) => file);

  remove = Option.Boolean('--remove', false, { description: 'Take the block out again, or the part of --context' });
  print = Option.Boolean('--print', false, { description: 'Print the block, and leave the file alone' });
  longNames = Option.Boolean('--long-names', false, { description: 'Take APP.NETWORK.rig alone, not APP.NETWORK' });

  async run(services: Services): Promise<SshConfig> {
    if (this.remove && (this.print || this.longNames)) throw bothWays();
    if (this.remove) return removeSshConfig(services);
    if (!this.print) await services.output.target(`ssh's configuration ${configFile(services)}, for the apps`);
    return writeSshConfig(services, { print: this.print, longNames: this.longNames });
  }
}

function view({ file, change, context, hosts, fingerprint, block }: SshConfig): string[] {
  if (change === 'printed') return [(block ?? '').trimEnd()];
  if (fingerprint === null) {
    const what = block === null ? "rig's block" : `the part of ${context} in rig's block`;
    return [change === 'removed' ? `${what} is taken out of ${file}` : `${what} is not in ${file}`];
  }
  const done = change === 'written' ? `${file} is written` : `${file} is up to date`;
  if (hosts.length === 0) return [`${done}; there is no network yet: make one, then run this again`];
  return [`${done}: ssh reaches ${hosts.join(', ')}`];
}

const bothWays = (): RigError =>
  new RigError({
    code: 'RIG_BAD_OPTION',
    message: '--remove takes out what is there, whatever it is',
    hint: 'leave out --print and --long-names',
    exitCode: ExitCode.Usage,
  });
