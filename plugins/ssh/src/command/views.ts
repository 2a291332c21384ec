import { formatDuration, list, value } from '@rig/plugin-api';
import { type Session, sessionEndText } from '@rig/plugin-api/max';
import { shellWords } from './request.ts';

/** Since when, or for how long. */
const ageOf = (iso: string): string => formatDuration(Math.max(0, Date.now() - Date.parse(iso)));

/** What it runs, as it was typed. */
export const commandLine = (session: Pick<Session, 'argv'>): string => shellWords(session.argv ?? []);

/** Commands as a table. */
export const commandList = list<Session>({
  columns: [
    { header: 'ID', value: (session) => session.id },
    { header: 'APP', value: (session) => `${session.app}.${session.network}` },
    { header: 'INSTANCE', value: (session) => session.instance },
    { header: 'STATE', value: (session) => (session.end === null ? session.state : sessionEndText(session.end)) },
    { header: 'DETACHED', value: (session) => (session.detached ? 'yes' : null) },
    { header: 'AGE', value: (session) => ageOf(session.startedAt) },
    { header: 'COMMAND', value: commandLine },
  ],
  name: (session) => session.id,
  empty: 'No commands run, and none has ended lately. Run one: rig command --app APP.NETWORK -- CMD',
});

/** A command that was ended, or had ended. */
export const stoppedView = value<Session>(
  (session) => [
    {
      fields: [
        ['command', commandLine(session)],
        ['app', `${session.app}.${session.network}, ${session.instance}`],
        ['end', session.end === null ? session.state : sessionEndText(session.end)],
      ],
    },
  ],
  (session) => session.id,
);
