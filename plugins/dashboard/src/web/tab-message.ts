import { NAME_PATTERN } from '@rig/plugin-api/max';
import { SPANS, type Span } from '../model/spans.ts';
import type { AppName, TabMessage } from './protocol.ts';

const isName = (value: unknown): value is string => typeof value === 'string' && NAME_PATTERN.test(value);

function readApp(value: unknown): AppName | undefined {
  const { network, app } = (value ?? {}) as Partial<AppName>;
  return isName(network) && isName(app) ? { network, app } : undefined;
}

/** Reads what a tab has sent; `undefined` where it is nothing that the page says. */
export function readTabMessage(text: string): TabMessage | undefined {
  let value: { type?: unknown; view?: unknown; app?: unknown; span?: unknown } | null;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    return undefined;
  }
  const { type, view, span } = value ?? {};
  if (type === 'span') return Object.hasOwn(SPANS, String(span)) ? { type, span: span as Span } : undefined;
  if (type !== 'show' || !Number.isSafeInteger(view)) return undefined;
  const app = value?.app === null ? null : readApp(value?.app);
  return app === undefined ? undefined : { type, view: view as number, app };
}
