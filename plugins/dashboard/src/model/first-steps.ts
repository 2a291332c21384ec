/** What somebody types who has no app yet. */
export function firstSteps(network: string | null): string[] {
  const name = network ?? 'shop';
  const steps = [`rig create app api --network ${name}`, `rig deploy --app api.${name}`];
  return network === null ? ['rig create network shop', ...steps] : steps;
}

/** What brings an app to run of which nothing does. */
export function whyNothingRuns(
  app: { state: string; release: number | null } | undefined,
  name: string,
): [why: string, command: string | null] {
  if (app?.release === null) return ['Nothing is deployed yet:', `rig deploy --app ${name}`];
  return app?.state === 'stopped' ? ['It is stopped:', `rig start app ${name}`] : ['No instance runs.', null];
}
