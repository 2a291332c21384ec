import { DeploymentError } from './failure.ts';
import { nodeBuilder } from './node-builder.ts';
import type { Builder, BuildPlan } from './plan.ts';
import { procfileBuilder } from './procfile-builder.ts';
import { pythonBuilder } from './python-builder.ts';
import { staticBuilder } from './static-builder.ts';

/** What Max can build, in the order that it is tried: the first match wins. */
export const BUILDERS: readonly Builder[] = [procfileBuilder, nodeBuilder, pythonBuilder, staticBuilder];

/**
 * Finds what builds a folder.
 *
 * @throws DeploymentError `RIG_NO_BUILDER`, naming all that was looked for
 */
export async function detectBuilder(folder: string, builders: readonly Builder[] = BUILDERS): Promise<BuildPlan> {
  for (const builder of builders) {
    const plan = await builder.detect(folder);
    if (plan !== undefined) return plan;
  }
  const wanted = builders.map((builder) => builder.looksFor).join('; ');
  throw new DeploymentError({
    code: 'RIG_NO_BUILDER',
    reason: `nothing in the folder says how to build or start it; Max looked for: ${wanted}`,
    fix: 'add one of these at the top of the folder that is deployed, or deploy the folder that has it: rig deploy PATH',
  });
}
