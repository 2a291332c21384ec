import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { askApp, deploy, writeNodeApp } from '../support/app.ts';
import { browserUntestable, openTab, startBrowser } from '../support/browser.ts';
import { linkErrorBudget } from '../support/error-budget.ts';
import { createApps } from '../support/many.ts';
import { type RunningMax, startMax } from '../support/max.ts';
import { makePlugin } from '../support/plugin.ts';
import { rigJson, rigOk } from '../support/rig.ts';
import { startWebDashboard, type WebDashboard } from '../support/web-dashboard.ts';

const HOSTILE = `<img src=x onerror="document.title='taken'">\\x1b]0;taken\\x07\\u202e`;
const SERVER = `import { createServer } from 'node:http';
createServer((request, response) => {
  if (request.url === '/log') console.log("${HOSTILE.replaceAll('"', '\\"')}");
  response.statusCode = request.url === '/broken' ? 500 : 200;
  response.end('hi');
}).listen(process.env.PORT, () => console.log('ready'));
process.once('SIGTERM', () => process.exit(0));
`;

/** Panels that try to be more than text, too much of it, and none at all. */
const HOSTILE_PANELS = `import { definePlugin, on, series } from '@rig/plugin-api';
const panels = series<any>('dashboard:panels');
const bad = '<img src=x onerror="document.title=1"><script>alert(1)</script>\\x1b]0;taken\\x07\\u202eevil\\u200b';
const add = (panel: any) => on(panels, ({ add }: any) => add(panel));
export default definePlugin({ name: 'hostile', taps: [
  add({ id: 'hostile.text', title: 'Hostile ' + bad, text: [bad, 'x'.repeat(10_000), '\\u0301'.repeat(500)] }),
  add({ id: 'hostile.table', title: 'Table', table: { columns: [bad, 'n'], rows: [[bad.repeat(50), -1e300], ['short']] } }),
  add({ id: 'hostile.series', title: 'Series', series: [{ label: bad, values: [1, null, -5, 1e308], text: bad }] }),
  add('rubbish'),
  on(panels, () => { throw new Error(bad); }),
] });`;

const untestable = browserUntestable();

describe.skipIf(untestable)(`the dashboard in a browser${untestable === false ? '' : ` (${untestable})`}`, () => {
  let max: RunningMax;
  let browser: Browser;
  let context: BrowserContext;
  let dashboard: WebDashboard;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    max = await startMax();
    const app = writeNodeApp(join(max.home.dir, 'app'), SERVER);
    [browser] = await Promise.all([startBrowser(), deploy(max, 'shop.one', await app)]);
    await createApps(max, 'one', 8);
    await rigOk(max.home, ['create', 'network', 'two']);
    await createApps(max, 'two', 2);
    await linkErrorBudget(max.home);
    await rigOk(max.home, ['plugins', 'link', await makePlugin(max.home, 'hostile', HOSTILE_PANELS)]);
    dashboard = await startWebDashboard(max.home);
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
    ({ page, faults } = await openTab(context));
    await page.goto(await dashboard.link(0));
    await rows().first().waitFor();
  });
  afterAll(async () => {
    await dashboard?.interrupt();
    await browser?.close();
    await max?.stop();
  });

  const rows = (): Locator => page.locator('.rows .row');
  const row = (name: string): Locator => rows().filter({ has: page.getByRole('link', { name, exact: true }) });
  const names = (): Promise<string[]> => page.locator('.rows .row .app-name').allTextContents();
  beforeEach(async () => {
    await page.goto(`${dashboard.origin}/`);
    // What the test before has sorted, filtered and opened is forgotten.
    await page.reload();
    await rows().first().waitFor();
  });

  const noFaults = (): void => expect(faults.splice(0)).toEqual([]);
  const shown = (text: string | RegExp): Promise<void> => page.locator('body', { hasText: text }).waitFor();

  test('shows every app with its state in words, and the token is gone from the address', async () => {
    await expect.poll(names).toHaveLength(11);
    expect(new URL(page.url()).href).toBe(`${dashboard.origin}/`);
    expect(await row('shop').locator('.state').innerText()).toContain('running');
    expect(await row('app-8').locator('.state').innerText()).toContain('empty');
    expect(await page.locator('.live').innerText()).toBe('Live');
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await page.evaluate('JSON.stringify({...localStorage})')).not.toContain(max.token);
    noFaults();
  });

  test('figures move with requests, and errors are told apart', async () => {
    const figure = async (css: string): Promise<string> => (await row('shop').locator(css).textContent()) ?? '';
    const load = setInterval(() => void askApp(max, 'shop.one', Math.random() < 0.5 ? '/broken' : '/'), 50);
    try {
      await expect.poll(() => figure('.requests'), { timeout: 60_000 }).toMatch(/^[1-9]/);
      await expect.poll(() => figure('.errors'), { timeout: 60_000 }).toMatch(/^[1-9][\d.]* %$/);
      await expect.poll(() => figure('.p95'), { timeout: 60_000 }).toMatch(/ms|s$/);
      await expect.poll(() => figure('.memory'), { timeout: 60_000 }).toMatch(/MB$/);
      await expect.poll(() => page.locator('.totals .value').nth(1).textContent()).toMatch(/^[1-9]/);
    } finally {
      clearInterval(load);
    }
    noFaults();
  });

  test('sorts by a heading and back, filters by words, and narrows to a network', async () => {
    const heading = page.getByRole('columnheader', { name: /^App/ });
    await heading.getByRole('button').click();
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
    expect((await names())[0]).toBe('shop');
    await page
      .getByRole('columnheader', { name: /^Memory/ })
      .getByRole('button')
      .click();
    expect((await names())[0]).toBe('shop');
    await heading.getByRole('button').click();
    expect((await names())[0]).toBe('app-1');
    await page.getByLabel('Network').selectOption('two');
    expect(await names()).toEqual(['app-1', 'app-2']);
    await page.getByLabel('Network').selectOption('');
    await page.getByLabel('Filter apps').fill('running !app-1');
    expect(await names()).toEqual(['shop']);
    expect(await page.locator('.count').textContent()).toBe('1 of 11');
    await page.getByLabel('Filter apps').fill('nothing-like-it');
    await shown('No app matches');
    await page.getByLabel('Filter apps').press('Escape');
    await expect.poll(names).toHaveLength(11);
    noFaults();
  });

  test('is walked by keys alone: filter, list, app, span, back, help', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('app-');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    expect(await page.evaluate("document.activeElement.querySelector('.app-name').textContent")).toBe('app-1');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /app-1/ }).waitFor();
    await page.keyboard.press('3');
    expect(await page.getByRole('button', { name: '1h' }).getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('Escape');
    await rows().first().waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.className')).toBe('row');
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog', { name: 'Keys' }).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog', { name: 'Keys' }).isVisible()).toBe(false);
    noFaults();
  });

  test('shows panels of plugins, light and dark: what they say is text and nothing else', async () => {
    const load = setInterval(() => void askApp(max, 'shop.one', '/broken'), 100);
    try {
      const panel = page.getByRole('region', { name: 'Error budget of 99.9%' });
      await panel.getByText('shop.one').waitFor();
      await expect.poll(() => panel.locator('.number').first().textContent()).toMatch(/^[\d.]+x$/);
      expect(await panel.locator('.spark-line').first().getAttribute('d')).toMatch(/^M/);
      const ink = (): Promise<unknown> => page.evaluate('getComputedStyle(document.querySelector(".panel h2")).color');
      const light = await ink();
      await page.emulateMedia({ colorScheme: 'dark' });
      await expect.poll(ink).not.toBe(light);
      await page.emulateMedia({ colorScheme: 'light' });
      await expect.poll(ink).toBe(light);
    } finally {
      clearInterval(load);
    }
    await shown('Hostile <img src=x onerror="document.title=1"><script>alert(1)</script>\\x1b]0;taken\\x07\\u202eevil');
    expect(await page.locator('.panel').count()).toBe(4);
    expect(await page.locator('.panel :is(img, script)').count()).toBe(0);
    expect(await page.title()).toBe('rig dashboard');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    noFaults();
  });

  test('opens an app: graphs with data, instances, its address, and a log line that is text and nothing else', async () => {
    await askApp(max, 'shop.one', '/log');
    await row('shop').locator('.cell.cpu').click();
    await page.getByRole('heading', { level: 1, name: 'shop.one' }).waitFor();
    const line = page.locator('.line .text', { hasText: 'onerror' }).first();
    await line.waitFor();
    expect(await line.textContent()).toBe(`<img src=x onerror="document.title='taken'">\\x1b]0;taken\\x07\\u202e`);
    expect(await page.locator('.log img').count()).toBe(0);
    expect(await page.title()).toBe('shop.one · rig dashboard');
    await page.getByRole('rowheader', { name: 'web.1' }).waitFor();
    const url = page.getByRole('link', { name: `http://shop.one.localhost:${max.port}` });
    expect(await url.getAttribute('rel')).toBe('noopener noreferrer');
    await expect.poll(() => page.locator('.chart canvas').count()).toBe(4);
    const memory = page.getByRole('figure', { name: /^Memory/ }).locator('.legend .value');
    await expect.poll(() => memory.textContent()).toMatch(/MB$/);
    // Something is drawn: not all of the canvas is of one colour.
    const colours = `[...document.querySelectorAll('.chart canvas')].map((canvas) => new Set(new Uint32Array(
      canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size)`;
    await expect.poll(async () => Math.min(...((await page.evaluate(colours)) as number[]))).toBeGreaterThan(3);
    await page.getByRole('button', { name: '24h' }).click();
    expect(await page.getByRole('button', { name: '24h' }).getAttribute('aria-pressed')).toBe('true');
    noFaults();
  });

  test('is light or dark as the system is, or as one chooses, and fits a narrow screen', async () => {
    const ground = (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(ground).not.toBe(light);
    const dark = await ground();
    const button = page.getByRole('button', { name: /^Colours/ });
    await button.click();
    expect(await button.textContent()).toBe('Light');
    expect(await ground()).toBe(light);
    await button.click();
    expect(await ground()).toBe(dark);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await ground()).toBe(dark);
    await button.click();
    expect(await ground()).toBe(light);
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth <= 400')).toBe(true);
    await page.setViewportSize({ width: 1280, height: 800 });
    noFaults();
  });

  test('a link lets one browser in, once: another is told what to do, and gets in by the next', async () => {
    const other = await browser.newContext();
    const { page: stranger } = await openTab(other);
    await stranger.goto(await dashboard.link(0));
    await stranger.getByRole('heading', { name: 'This link was used already' }).waitFor();
    expect(await stranger.locator('.row').count()).toBe(0);
    await stranger.goto(dashboard.origin);
    await stranger.getByRole('heading', { name: 'Open the link' }).waitFor();
    // Pasted into the same tab, a link is only another end of the address.
    await stranger.goto(`${dashboard.origin}/#token=wrong`);
    await stranger.getByRole('heading', { name: 'This link does not hold' }).waitFor();
    await stranger.goto(await dashboard.link(1));
    await stranger.locator('.rows .row').first().waitFor();
    await other.close();
    // A second tab of the browser that was let in needs no link.
    const { page: second } = await openTab(context);
    await second.goto(dashboard.origin);
    await second.locator('.rows .row').first().waitFor();
    await second.close();
    noFaults();
  });

  test('says that Max does not answer, and recovers by itself', async () => {
    const { pid } = await rigJson<{ pid: number }>(max.home, ['max', 'up']);
    process.kill(pid, 'SIGKILL');
    await page.getByRole('alert').filter({ hasText: 'does not answer' }).waitFor({ timeout: 60_000 });
    expect(await page.locator('.live').textContent()).toBe('Max unreachable');
    await rigOk(max.home, ['max', 'up']);
    await expect.poll(() => page.locator('.live').textContent(), { timeout: 60_000 }).toBe('Live');
    expect(await page.getByRole('alert').isVisible()).toBe(false);
    expect(await names()).toHaveLength(11);
    noFaults();
  });

  test('says that it has ended, and another that is narrowed shows no more than that', async () => {
    const other = await startWebDashboard(max.home, ['--network', 'two', '--filter', 'app-2']);
    const { page: tab } = await openTab(context);
    await tab.goto(await other.link(0));
    await tab.locator('.rows .row').first().waitFor();
    expect(await tab.locator('.app-name').allTextContents()).toEqual(['app-2']);
    expect(await other.interrupt()).toBe(130);
    await tab.getByRole('alert').filter({ hasText: 'This dashboard has ended' }).waitFor();
    expect(await tab.locator('.live').textContent()).toBe('Ended');
    await tab.close();
    noFaults();
  });
});
