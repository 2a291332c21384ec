import { DeleteConfigCommand, deleteUsage } from '../../config/delete-command.ts';

/** `rig delete secret KEY…`. */
export class DeleteSecretCommand extends DeleteConfigCommand {
  static override paths = [['delete', 'secret']];
  static override usage = deleteUsage('secret');

  get kind(): 'secret' {
    return 'secret';
  }
}
