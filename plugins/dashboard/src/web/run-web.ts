import { ExitCode, RigError, type Services } from '@rig/plugin-api';
import type { DashboardSelection } from '../model/live-dashboard.ts';
import { serveWeb, type WebLink } from './serve-web.ts';

/** The options of the command that are about the web, as they were typed. */
export interface WebCommandOptions {
  port: string | undefined;
  noBrowser: boolean;
  selection: DashboardSelection;
}

/**
 * `rig status dashboard --web`: serves the dashboard until Ctrl-C. Links go to standard output, each good for one browser,
 * once; with a form that is one document only the first does.
 *
 * @throws RigError `RIG_BAD_OPTION` (2), `RIG_PORT_TAKEN` (5), `RIG_PORT_REFUSED`; the reason of the interruption
 */
export async function runWeb(services: Services, options: WebCommandOptions): Promise<never> {
  const { output } = services;
  const { selection } = options;
  // A machine wants no window.
  const browser = !options.noBrowser && output.format === 'table';
  const onLink = async (link: WebLink, isFirst: boolean): Promise<void> => {
    const isDocument = output.format === 'json' || output.format === 'yaml';
    if (!isFirst && isDocument) return;
    output.note(
      isFirst
        ? 'Open to browsers on this machine until Ctrl-C. This link lets one in, once:'
        : 'The link was used. This one lets another browser in:',
    );
    const lease = await services.lease();
    await lease.write(`${textOf(link, output.format)}\n`);
    await lease.release();
  };
  return serveWeb(services, { port: portOf(options.port), browser, selection }, onLink);
}

function textOf(link: WebLink, format: Services['output']['format']): string {
  if (format === 'json') return JSON.stringify(link, null, 2);
  if (format === 'ndjson') return JSON.stringify(link);
  return format === 'yaml' ? `url: ${JSON.stringify(link.url)}` : link.url;
}

/** Reads `--port`; 0, any that is free, unless said. */
export function portOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new RigError({
    code: 'RIG_BAD_OPTION',
    message: `--port must be a number from 0 to 65535, and is ${JSON.stringify(text)}`,
    hint: 'leave it out, and any port that is free is taken',
    exitCode: ExitCode.Usage,
  });
}
