// One rig in a process of its own: takes a token of the store and says which by its hash, or how that failed.
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { createUser } from './user.ts';

const [server = '', dir = ''] = process.argv.slice(2);
const user = createUser({ RIG_KEYCHAIN: 'off' }, dirname(dir));
try {
  const token = await user.auth(server).token();
  console.log(JSON.stringify({ token: createHash('sha256').update(token).digest('hex') }));
} catch (error) {
  const { code, message, hint, exitCode } = error as { code: string; message: string; hint: string; exitCode: number };
  console.log(JSON.stringify({ code, message, hint, exitCode }));
}
process.exit();
