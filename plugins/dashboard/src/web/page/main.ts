import { refusal } from './banner.ts';
import { enter, hasToken, type RefusedWhy } from './connection.ts';
import { Page } from './page.ts';
import { Theme } from './theme.ts';

// A link that is pasted into a tab of this page changes only what stands behind the #: no page is loaded by that.
addEventListener('hashchange', () => {
  if (hasToken()) location.reload();
});

// First of all: nothing is drawn in the wrong colours.
const theme = new Theme();
const why: RefusedWhy | undefined = await enter().catch(() => 'unknown' as const);
if (why === undefined) new Page(theme);
else document.body.append(refusal(why));
