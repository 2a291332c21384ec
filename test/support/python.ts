import { execFileSync } from 'node:child_process';

/** Whether there is no Python here that can make virtual environments. */
export function noPython(): boolean {
  try {
    execFileSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' });
    return false;
  } catch {
    return true;
  }
}
