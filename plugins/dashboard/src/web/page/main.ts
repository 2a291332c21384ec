import { refusal } from './banner.ts';
import { enter, hasToken, type RefusedWhy } from './connection.ts';
import { Page } from './page.ts';

// A link that is pasted into a tab of this page changes only what stands behind the #: no page is loaded by that.
addEventListener('hashchange', () => {
  if (hasToken()) location.reload();
});

const why: RefusedWhy | undefined = await enter().catch(() => 'unknown' as const);
if (why === undefined) new Page();
else document.body.append(refusal(why));
