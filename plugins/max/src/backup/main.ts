/** Everything that the commands load when they need it: it alone of what they use opens the database. */
export { backup } from './backup.ts';
export { restore, verify } from './restore.ts';
