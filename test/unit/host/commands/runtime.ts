// Import this first: classes of commands take clipanion from the host's runtime when their module is evaluated, and in
// a test there is one copy of plugin-api, which the host's own installer would load too early.
import { Command, Option } from 'clipanion';
import * as schema from 'typanion';

abstract class RigCommand extends Command {
  execute(): Promise<number> {
    throw new Error('a test calls run itself');
  }
}

Object.assign(globalThis, { [Symbol.for('rig.plugin-api.1')]: { Command, Option, RigCommand, schema } });
