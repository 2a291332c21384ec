import { type Block, type Cell, formatBytes, list, value } from '@rig/plugin-api';
import type { App, AppDetails, AppStatus, Instance } from '@rig/plugin-api/max';
import { fullName } from '../names.ts';
import { SETTINGS, showAge } from '../settings/changes.ts';
import { eventsBlock } from './events.ts';
import { version, when } from './format.ts';
import { recentFields } from './recent.ts';

const nameOf = (app: App): string => fullName({ app: app.name, network: app.network });

/** An app right after it was made. */
export const createdApp = value<App>(
  (app) => [
    `Created app ${nameOf(app)}`,
    {
      fields: [
        ['hostname', app.hostname],
        ['url', app.url],
      ],
    },
    `Next: rig deploy --app ${nameOf(app)}`,
  ],
  nameOf,
);

/** Apps as a table. */
export const appList = list<App>({
  columns: [
    { header: 'NAME', value: (app) => app.name },
    { header: 'NETWORK', value: (app) => app.network },
    { header: 'STATE', value: (app) => app.state },
    { header: 'RELEASE', value: (app) => version(app.release) },
    { header: 'URL', value: (app) => app.url },
  ],
  name: nameOf,
  empty: 'No apps yet. Make one: rig create app api --network NETWORK',
});

function instanceRow(instance: Instance): Cell[] {
  const { name, state, release, pid, port, startedAt, restarts, lastExit } = instance;
  return [name, state, version(release), pid, port, when(startedAt), restarts, lastExit];
}

/** Why instances are not healthy, and when they start again. */
function failuresBlock(instances: readonly Instance[]): Block[] {
  const rows = instances.flatMap(({ name, failure }): Cell[][] =>
    failure === null ? [] : [[name, failure.code, when(failure.since), when(failure.retryAt), failure.reason]],
  );
  if (rows.length === 0) return [];
  return [{ heading: 'Failures', columns: ['NAME', 'CODE', 'SINCE', 'NEXT START', 'REASON'], rows }];
}

/** How many run of each process type, and how many are to: `web 2, worker 0 of 1`. */
export function formationText(
  formation: Readonly<Record<string, number>>,
  healthy: readonly Instance[] | null,
): string {
  const types = Object.entries(formation).map(([type, wanted]) => {
    const count = healthy?.filter(({ process }) => process === type).length ?? wanted;
    return count === wanted ? `${type} ${wanted}` : `${type} ${count} of ${wanted}`;
  });
  return types.length === 0 ? 'none' : types.join(', ');
}

function deploymentText(deployment: AppStatus['deployment']): string {
  if (deployment === null) return 'none';
  const reason = deployment.reason === null ? '' : `: ${deployment.reason}`;
  return `${deployment.id} ${deployment.state} ${when(deployment.at)}${reason}`;
}

/** How an app fares. */
export const appStatusView = value<AppStatus>(
  ({ app, instances, formation, deployment, events, metrics }): Block[] => [
    {
      fields: [
        ['app', nameOf(app)],
        ['state', app.state],
        ['release', version(app.release) ?? 'none'],
        ['url', app.url],
        [
          'healthy',
          app.state === 'stopped'
            ? 'none'
            : formationText(
                formation,
                instances.filter(({ state, release }) => state === 'healthy' && release === app.release),
              ),
        ],
        ...recentFields(metrics),
        ['deployment', deploymentText(deployment)],
      ],
    },
    ...(app.state === 'stopped' ? [`Stopped: rig start app ${nameOf(app)}`] : []),
    ...(app.release === null && deployment === null ? [`Nothing deployed yet: rig deploy --app ${nameOf(app)}`] : []),
    ...(instances.length === 0
      ? []
      : [
          {
            heading: 'Instances',
            columns: ['NAME', 'STATE', 'RELEASE', 'PID', 'PORT', 'STARTED', 'RESTARTS', 'LAST EXIT'],
            rows: instances.map(instanceRow),
          },
        ]),
    ...failuresBlock(instances),
    ...(instances.some(({ failure }) => failure !== null) || deployment?.state === 'failed'
      ? [`See why: rig logs app ${nameOf(app)}`]
      : []),
    ...eventsBlock(events),
  ],
  ({ app }) => nameOf(app),
);

function logFields({ keptBytes, maxBytes, maxAgeDays, first, last }: AppDetails['logs']): Array<[string, string]> {
  const end = (line: typeof first): string => (line === null ? 'none' : `line ${line.seq}, ${when(line.at)}`);
  return [
    ['logs', `${formatBytes(keptBytes)} kept, at most ${formatBytes(maxBytes)} and ${showAge(maxAgeDays)}`],
    ['oldest line', end(first)],
    ['newest line', end(last)],
  ];
}

/** The whole configuration of an app. */
export const appDetailsView = value<AppDetails>(
  ({ app, source, builder, processes, formation, logs, buildCache }): Block[] => {
    const types = Object.entries(processes);
    return [
      {
        fields: [
          ['app', nameOf(app)],
          ['id', app.id],
          ['hostname', app.hostname],
          ['url', app.url],
          ['state', app.state],
          ['release', version(app.release) ?? 'none'],
          [
            'source',
            source === null ? 'none' : `${source.files} files, ${formatBytes(source.bytes)}, ${source.digest}`,
          ],
          ['builder', builder ?? 'none'],
          ...SETTINGS.filter(({ name }) => !name.startsWith('logs.')).map(({ option, of, show }): [string, string] => [
            option,
            show(of(app.settings)),
          ]),
          ['instances', formationText(formation, null)],
          ...logFields(logs),
          ['build cache', `${formatBytes(buildCache.bytes)} kept, at most ${formatBytes(buildCache.maxBytes)}`],
          ['created', when(app.createdAt)],
          ['updated', when(app.updatedAt)],
        ],
      },
      ...(types.length === 0 ? [] : [{ heading: 'Processes', columns: ['TYPE', 'COMMAND'], rows: types }]),
    ];
  },
  ({ app }) => nameOf(app),
);
