import { ExitCode, RigCommand, RigError, type Services, value } from '@rig/plugin-api';
import { portOf, stateDirOf } from '../../location.ts';
import { serveModule } from '../../max-process.ts';
import { sessionLimitsOf } from '../../sessions/limits-option.ts';
import { portOption, sessionIdleOption, sessionLimitOption, stateDirOption } from './options.ts';

/** What `rig max serve` gives when it was ended. */
export interface MaxServed {
  url: string;
  stateDir: string;
}

/** `rig max serve`. */
export class MaxServeCommand extends RigCommand<MaxServed> {
  static override paths = [['max', 'serve']];
  static override usage = RigCommand.Usage({
    category: 'Max',
    description: 'Run the embedded Max in the foreground',
    details: 'Its log goes to standard error, and Ctrl-C ends it; the apps go on running, rig max down ends them.',
    examples: [['Run Max here', '$0 max serve']],
  });
  static override result = value<MaxServed>((max) => [`Max at ${max.url} has stopped; its apps go on running`]);

  port = portOption();
  sessionIdle = sessionIdleOption();
  sessionLimit = sessionLimitOption();
  stateDir = stateDirOption();

  async run(services: Services): Promise<MaxServed> {
    const { runtime, output, signal } = services;
    const dir = stateDirOf(runtime, this.stateDir);
    const port = portOf(runtime.env, this.port, dir);
    const given = { idle: this.sessionIdle, limit: this.sessionLimit };
    const sessions = sessionLimitsOf(runtime.env, given);
    const { serve } = (await import(serveModule().href)) as typeof import('../../serve.ts');
    const max = await serve({ dir, port, sessions, version: runtime.version, owner: undefined }, (line) =>
      output.line(line),
    );
    try {
      await ended(signal);
    } finally {
      await max.stop();
    }
    throw new RigError({
      code: 'RIG_INTERRUPTED',
      message: `Max at ${max.url} has stopped; its apps go on running`,
      hint: 'stop them too with: rig max down',
      exitCode: ExitCode.Interrupted,
    });
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
