import { drawn, ExitCode, Option, type Outcome, RigCommand, RigError, type Services } from '@rig/plugin-api';
import { followSnapshots } from '../../follow-snapshots.ts';
import type { DashboardSelection } from '../../model/live-dashboard.ts';
import { LiveDashboard } from '../../model/live-dashboard.ts';
import type { DashboardSnapshot } from '../../model/snapshot.ts';
import { readSnapshot } from '../../read-snapshot.ts';
import { parseFilter } from '../../selection.ts';
import { dashboardView } from '../../view.ts';

/** `rig status dashboard`, alias `rig dashboard`. */
export class DashboardCommand extends RigCommand<DashboardSnapshot> {
  static override paths = [['status', 'dashboard'], ['dashboard']];
  static override usage = RigCommand.Usage({
    category: 'Dashboard',
    description: 'Show all your apps at once, live: state, requests, latency, CPU, memory, events',
    details:
      'On a terminal a full-screen view that goes on until q: ? in it says what the keys do. Elsewhere one table of this ' +
      'moment, with -o json or -o yaml one document, and with -o ndjson a document a second until Ctrl-C.\n\n' +
      'With --web the same in a browser: rig prints a link that lets one browser on this machine in, once, opens it where ' +
      'there is a display, and serves until Ctrl-C. The page only looks; it never gets your token.\n\n' +
      'While the socket of Max does not deliver, Max is asked by HTTP, and the view says so.',
    examples: [
      ['All apps, live', '$0 dashboard'],
      ['The apps of the network shop that are not well', '$0 status dashboard --network shop --filter "!running"'],
      ['The same in a browser', '$0 dashboard --web'],
      ['Requests a second of each app, for a script', "$0 dashboard -o json | jq '.apps[] | {app, requestsPerSecond}'"],
    ],
  });
  static override result = dashboardView;

  network = Option.String('--network', { description: 'Only the apps of this network' });
  filter = Option.String('--filter', {
    description: 'Only apps whose name, network or state has these words in it; !word leaves those out that have it',
  });

  web = Option.Boolean('--web', { description: 'Show it in a browser, until Ctrl-C' });
  port = Option.String('--port', { description: 'With --web: where to serve it; any free port unless said' });
  noBrowser = Option.Boolean('--no-browser', false, { description: 'With --web: print the link, and open no browser' });

  async run(
    services: Services,
  ): Promise<DashboardSnapshot | Outcome<DashboardSnapshot> | AsyncIterable<DashboardSnapshot>> {
    const filter = parseFilter(this.filter);
    const network = this.network === undefined ? undefined : (await services.config()).network(this.network).network;
    const selection: DashboardSelection = { network, filter };
    if (this.web) {
      const { runWeb } = (await import(
        new URL('./web.js', import.meta.url).href
      )) as typeof import('../../web/run-web.ts');
      return runWeb(services, { port: this.port, noBrowser: this.noBrowser, selection });
    }
    if (this.port !== undefined || this.noBrowser) throw onlyWithWeb(this.noBrowser ? '--no-browser' : '--port');
    if (services.output.format === 'ndjson') return followSnapshots(services, selection);
    if (!services.output.fullScreen) return readSnapshot(services, selection);
    const dashboard = await LiveDashboard.start(services, selection);
    // Loaded for a terminal alone: no other command waits for it.
    const { runTui } = (await import(new URL('./tui.js', import.meta.url).href)) as typeof import('../../tui/main.tsx');
    await runTui(services, dashboard);
    return drawn();
  }
}

function onlyWithWeb(option: string): RigError {
  return new RigError({
    code: 'RIG_BAD_OPTION',
    message: `${option} is about the dashboard in a browser, and --web is lacking`,
    hint: 'rig status dashboard --web',
    exitCode: ExitCode.Usage,
  });
}
