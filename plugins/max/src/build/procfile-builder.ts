import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeploymentError } from './failure.ts';
import { nodeSteps } from './node-builder.ts';
import { type Builder, describeProcess, type ProcessPlan } from './plan.ts';
import { pythonSteps } from './python-builder.ts';

/** Process types of an app at most. */
const TYPES_MAX = 32;

/** Apps that say in a Procfile how they start; a `package.json` or `requirements.txt` beside it still says how they are built. */
export const procfileBuilder: Builder = {
  name: 'procfile',
  looksFor: 'a Procfile with a line such as "web: node server.js"',
  async detect(folder) {
    const text = await readFile(join(folder, 'Procfile'), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const processes = parseProcfile(text);
    const { release, ...others } = processes;
    const count = Object.keys(others).length;
    if (count > TYPES_MAX) {
      throw new DeploymentError({
        code: 'RIG_BUILD_FAILED',
        reason: `the Procfile has ${count} process types, and ${TYPES_MAX} are the most: an instance of each would run`,
        fix: 'put some of them into other apps, or let one process start several, and deploy again',
      });
    }
    if (count === 0) {
      throw new DeploymentError({
        code: 'RIG_BUILD_FAILED',
        reason: 'the Procfile has no line that says what is to run',
        fix: 'add a line such as "web: node server.js", or "worker: node worker.js", to the Procfile and deploy again',
      });
    }
    return {
      builder: 'procfile: Procfile',
      reason: `it has a Procfile, which runs ${saidOf(others)}${release === undefined ? '' : `; before them, once for each release, ${saidOf({ release })}`}`,
      steps: [...(await nodeSteps(folder)), ...(await pythonSteps(folder))],
      processes,
    };
  },
};

function saidOf(processes: Readonly<Record<string, ProcessPlan>>): string {
  return Object.entries(processes)
    .map(([type, plan]) => `"${type}": ${describeProcess(plan)}`)
    .join('; ');
}

/** The commands of a Procfile by process type; lines of another form are none, as everywhere. */
function parseProcfile(text: string): Record<string, ProcessPlan> {
  const processes: Record<string, ProcessPlan> = {};
  for (const line of text.split(/\r?\n/)) {
    const match = /^([A-Za-z0-9][A-Za-z0-9_-]{0,62}):\s*(\S.*?)\s*$/.exec(line);
    if (match !== null) processes[match[1]!] = { kind: 'command', command: match[2]! };
  }
  return processes;
}
