import { expect, test } from 'vitest';
import type { LiveDashboard } from '../../../../plugins/dashboard/src/model/live-dashboard.ts';
import { FIGURES, type SeriesValues } from '../../../../plugins/dashboard/src/model/series.ts';
import { AppFeed } from '../../../../plugins/dashboard/src/web/app-feed.ts';
import type { ServerMessage } from '../../../../plugins/dashboard/src/web/protocol.ts';
import { SharedApps } from '../../../../plugins/dashboard/src/web/shared-apps.ts';

const seriesOf = (value: number): SeriesValues =>
  Object.fromEntries(FIGURES.map((figure) => [figure, [value]])) as SeriesValues;

/** A feed of an app whose model the test plays, and what was asked of that. */
function setUp() {
  const asked: string[] = [];
  const app = {
    ...{ app: { id: 'app_1', app: 'api', network: 'shop' }, instances: [], lines: [], trouble: null, pastVersion: 0 },
    load: (span: string) => void asked.push(`load ${span}`),
    figures(span: string) {
      asked.push(`figures ${span}`);
      return seriesOf(1);
    },
    newest: () => seriesOf(2),
    close() {},
  };
  const model = { second: 600, snapshot: () => ({ apps: [app.app] }), open: () => app };
  const feed = new AppFeed(model as never as LiveDashboard, new SharedApps(model as never), app.app, 1);
  const news = (): string[] => feed.news().map((text) => (JSON.parse(text) as ServerMessage).type);
  return { asked, app, model, feed, news };
}

test('figures are made where a tab lacks them alone, and all of them again once more of the past has come', () => {
  const { asked, app, model, feed, news } = setUp();
  feed.show('5m');
  expect(news()).toEqual(['app', 'figures']);
  for (let line = 0; line < 20; line++) expect(news()).toEqual([]);
  expect(asked.filter((one) => one.startsWith('figures'))).toEqual(['figures 5m']);
  model.second += 1;
  expect(news()).toEqual(['next']);
  app.pastVersion += 1;
  expect(news()).toEqual(['figures']);
  feed.show('24h');
  expect(news()).toEqual(['figures']);
  model.second += 1;
  expect(news()).toEqual([]);
  expect(asked.filter((one) => one.startsWith('figures'))).toEqual(['figures 5m', 'figures 5m', 'figures 24h']);
  expect(asked).toContain('load 24h');
});
