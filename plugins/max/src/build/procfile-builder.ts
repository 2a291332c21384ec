import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeploymentError } from './failure.ts';
import { nodeSteps } from './node-builder.ts';
import { type Builder, describeProcess, type ProcessPlan } from './plan.ts';
import { pythonSteps } from './python-builder.ts';

/** Apps that say in a Procfile how they start; a `package.json` or `requirements.txt` beside it still says how they are built. */
export const procfileBuilder: Builder = {
  name: 'procfile',
  looksFor: 'a Procfile with a "web:" line',
  async detect(folder) {
    const text = await readFile(join(folder, 'Procfile'), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const { web, release, ...others } = parseProcfile(text);
    if (web === undefined) {
      throw new DeploymentError({
        code: 'RIG_BUILD_FAILED',
        reason: 'the Procfile has no "web:" line, so nothing would answer requests',
        fix: 'add a line such as "web: node server.js" to the Procfile and deploy again',
      });
    }
    return {
      builder: 'procfile: Procfile',
      reason: `it has a Procfile, whose "web" is: ${describeProcess(web)}${saidOf(release, Object.keys(others))}`,
      steps: [...(await nodeSteps(folder)), ...(await pythonSteps(folder))],
      processes: { web, ...(release && { release }) },
    };
  },
};

/** What is said of the lines beside `web:`. */
function saidOf(release: ProcessPlan | undefined, others: string[]): string {
  const before = release && `; "release" runs before it: ${describeProcess(release)}`;
  const ignored = others.length === 0 ? '' : `; Max does not run: ${others.join(', ')}`;
  return `${before ?? ''}${ignored}`;
}

function parseProcfile(text: string): Record<string, ProcessPlan> {
  const processes: Record<string, ProcessPlan> = {};
  for (const line of text.split(/\r?\n/)) {
    const match = /^([A-Za-z0-9_-]+):\s*(\S.*?)\s*$/.exec(line);
    if (match !== null) processes[match[1]!] = { kind: 'command', command: match[2]! };
  }
  return processes;
}
