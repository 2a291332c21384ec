import type { Connection } from '../../model/snapshot.ts';
import type { LinkState, RefusedWhy } from './connection.ts';
import { el, setAttr, setText } from './dom.ts';
import { formatTime, plain } from './format.ts';

/** How the figures come: a word in the head of the page, and a sentence over it while something is wrong. */
export class Banner {
  readonly badge = el('span', { className: 'live', attrs: { role: 'status' } });
  readonly node = el('div', { className: 'banner', hidden: true, attrs: { role: 'alert' } });

  /** @param server base URL of Max */
  show(link: LinkState, connection: Connection | undefined, server: string): void {
    const { word, tone, text } = lookOf(link, connection, server);
    setText(this.badge, word);
    setAttr(this.badge, 'data-tone', tone);
    this.node.hidden = text === null;
    setAttr(this.node, 'data-tone', tone);
    setText(this.node, text ?? '');
    document.documentElement.classList.toggle('stale', tone === 'bad');
  }
}

interface Look {
  word: string;
  tone: 'good' | 'busy' | 'warn' | 'bad';
  text: string | null;
}

function lookOf(link: LinkState, connection: Connection | undefined, server: string): Look {
  if (link.state === 'ended') {
    const why = link.why === null ? '' : `: ${plain(link.why)}`;
    const text = `This dashboard has ended${why}. Figures are those of its last second. Begin another in a terminal: rig status dashboard --web`;
    return { word: 'Ended', tone: 'bad', text };
  }
  if (link.state === 'lost') {
    const text = `rig does not answer since ${formatTime(new Date(link.since).toISOString())}; trying again. If it was ended, begin another: rig status dashboard --web`;
    return { word: 'Reconnecting', tone: 'bad', text };
  }
  if (link.state !== 'open' || connection === undefined || connection.state === 'connecting')
    return { word: 'Connecting', tone: 'busy', text: null };
  if (connection.state === 'offline') {
    const why = connection.reason === null ? '' : `: ${plain(connection.reason)}`;
    const text = `Max at ${server} does not answer since ${formatTime(connection.since)}, and what is shown is old${why}. It is asked again until it does.`;
    return { word: 'Max unreachable', tone: 'bad', text };
  }
  if (connection.state === 'polling')
    return {
      word: 'Polling',
      tone: 'warn',
      text: `Max is asked every two seconds, as its socket does not deliver${connection.reason === null ? '' : `: ${plain(connection.reason)}`}`,
    };
  return { word: 'Live', tone: 'good', text: null };
}

const REFUSALS: Record<RefusedWhy, [title: string, text: string]> = {
  none: ['Open the link', 'This browser has not been let in. Open the link that rig printed in your terminal.'],
  used: [
    'This link was used already',
    'Each link is good for one browser, once. The terminal where rig runs shows the next one; if it was not you who used this one, end rig there with Ctrl-C.',
  ],
  unknown: [
    'This link does not hold',
    'It is of another dashboard, or not whole. Open the newest link in the terminal where rig runs, or begin anew.',
  ],
  user: ['Another user', 'This dashboard belongs to another user of this machine.'],
  origin: ['Refused', 'The request did not come from this page. Open the link that rig printed in your terminal.'],
};

/** What is shown in place of everything where the page may not look. */
export function refusal(why: RefusedWhy): HTMLElement {
  const [title, text] = REFUSALS[why] ?? REFUSALS.unknown;
  return el(
    'main',
    { className: 'refusal' },
    el('h1', { textContent: title }),
    el('p', { textContent: text }),
    el('p', {}, 'A new dashboard: ', el('code', { textContent: 'rig status dashboard --web' })),
  );
}
