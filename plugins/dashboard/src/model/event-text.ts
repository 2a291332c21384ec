import type { ResourceEvent } from '@rig/plugin-api/max';

/** The id of a deployment at the end of a sentence: for machines, and longer than the sentence. */
const DEPLOYMENT_ID = / \(dep_[a-z0-9]+\)$/;

/** What an event is about, where its sentence does not say so itself, and the sentence without what is for machines. */
export function eventText({ app, network, text }: ResourceEvent): { about: string | null; said: string } {
  const about = app === null ? network : `${app}.${network ?? ''}`;
  const said = text.replace(DEPLOYMENT_ID, '');
  return { about: about === null || said.includes(about) ? null : about, said };
}
