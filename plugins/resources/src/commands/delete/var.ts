import { DeleteConfigCommand, deleteUsage } from '../../config/delete-command.ts';

/** `rig delete var KEY…`. */
export class DeleteVarCommand extends DeleteConfigCommand {
  static override paths = [['delete', 'var']];
  static override usage = deleteUsage('var');

  get kind(): 'var' {
    return 'var';
  }
}
