import { execFileSync } from 'node:child_process';
import { refuseSkip } from './tools.ts';

/** Whether there is no Python here that can make virtual environments. */
export function noPython(): boolean {
  try {
    execFileSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' });
    return false;
  } catch {
    refuseSkip('there is no Python with venv and ensurepip (apt-get install python3-venv)');
    return true;
  }
}
