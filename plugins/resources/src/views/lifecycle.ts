import { value } from '@rig/plugin-api';
import type { RestartedApp, ScaledApp, StartedApp, StoppedApp } from '../lifecycle.ts';
import { fullName } from '../names.ts';
import { formationText } from './app.ts';

/** The release that serves after a restart. */
export const restartedView = value<RestartedApp>(
  (result) => [`v${result.release} of ${fullName(result)} serves.`],
  (result) => fullName(result),
);

/** What runs after a scale. */
export const scaledView = value<ScaledApp>(
  (result) => {
    const name = fullName(result);
    const numbers = formationText(result.formation, null);
    return result.stopped
      ? [`${name} is stopped, and has ${numbers} once it is started: rig start app ${name}`]
      : [`${name} runs ${numbers}.`];
  },
  (result) => fullName(result),
);

/** That an app is stopped. */
export const stoppedView = value<StoppedApp>(
  (result) => [
    result.already ? `${fullName(result)} is stopped already.` : `Stopped ${fullName(result)}.`,
    `Start it again: rig start app ${fullName(result)}`,
  ],
  (result) => fullName(result),
);

/** That an app is started. */
export const startedView = value<StartedApp>(
  (result) => {
    const name = fullName(result);
    if (!result.already) return [`v${result.release} of ${name} serves.`];
    const why = result.state === 'running' ? [] : [`See why: rig status app ${name}; rig logs app ${name}`];
    return [`${name} is not stopped: it is ${result.state} (v${result.release}).`, ...why];
  },
  (result) => fullName(result),
);
