import { refusal } from './banner.ts';
import { enter, type RefusedWhy } from './connection.ts';
import { Page } from './page.ts';

const why: RefusedWhy | undefined = await enter().catch(() => 'unknown' as const);
if (why === undefined) new Page();
else document.body.append(refusal(why));
