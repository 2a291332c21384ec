import { spawnSync } from 'node:child_process';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { refuseSkip } from './tools.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'] as const;

function findBrowser(): string | undefined {
  for (const name of NAMES) {
    const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}

/** Why nothing can be tested in a browser here, or `false`. */
export function browserUntestable(): string | false {
  return findBrowser() === undefined ? refuseSkip(`no browser is installed: ${NAMES.join(', ')}`) : false;
}

/** Starts a browser without a window that contacts nobody by itself. */
export function startBrowser(): Promise<Browser> {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
  return chromium.launch({
    executablePath: findBrowser() as string,
    args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet],
  });
}

/** A tab and everything that went wrong in it: errors of scripts, of the console, and of the policy for content. */
export interface WatchedPage {
  page: Page;
  faults: string[];
}

/** Opens a tab in a context. */
export async function openTab(context: BrowserContext): Promise<WatchedPage> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  await page.addInitScript(
    "addEventListener('securitypolicyviolation', (e) => console.error('policy', e.violatedDirective, e.blockedURI))",
  );
  return { page, faults };
}
