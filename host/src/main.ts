import { dirname, join } from 'node:path';
import { type CommandClass, ExitCode, isOutcome, type Result, type RigCommand, type RigError } from '@rig/plugin-api';
import { incompleteCommand, type Route, route, unknownCommand } from './dispatch.ts';
import { type Globals, parseGlobals } from './globals.ts';
import { type HelpSubject, helpMissing, helpSubject, helpText, unknownTopic } from './help/show.ts';
import { createHost, type Host } from './host.ts';
import { type Io, processIo } from './io.ts';
import type { CommandIndex } from './plugins/index-file.ts';
import { loadIndex, refreshIndex } from './plugins/load-index.ts';

/** Milliseconds that a command has to end after Ctrl-C before rig ends without it. */
const INTERRUPT_GRACE_MS = 5000;

/** Starts rig in this process: called by the shim. */
export function start(shim: string, argv: string[]): void {
  const io = processIo(shim);
  // Everything was flushed and disposed: what a plugin left open must not keep rig alive.
  void main(argv, io).then((code) => io.exit(code));
}

/** Runs one command line and gives its exit code; never throws. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const { globals, rest, error } = parseGlobals(argv);
  const dist = join(dirname(io.self[1]), '..', 'dist');
  const host = createHost(io, globals, dist);
  const stops = [io.onSignal((signal) => host.interrupt(signal))];
  const trouble = new Promise<never>((_, reject) => {
    stops.push(
      io.onUncaught((thrown) => {
        host.stop(thrown);
        reject(thrown);
      }),
      io.onStuck(() => reject(host.stuck())),
    );
  });
  try {
    if (error) throw error;
    return await Promise.race([run(host, rest, globals), host.interruptedFor(INTERRUPT_GRACE_MS), trouble]);
  } catch (thrown) {
    return await host.fail(thrown);
  } finally {
    for (const stop of stops) stop();
    await host.dispose();
  }
}

async function run(host: Host, rest: readonly string[], globals: Globals): Promise<number> {
  let index = await loadIndex(host.dist, host.dirs.data, host, globals.noPlugins);
  const subject = helpSubject(rest, globals.help);
  const readHelp = (): string | undefined => subject && helpText(host, subject, globals.noPlugins);
  let help = readHelp();
  let found = route(index, subject?.words ?? rest);
  if (help === undefined && !globals.noPlugins && isWorthALook(index, found)) {
    index = await refreshIndex(host.dist, host.dirs.data, host, index);
    help = readHelp();
    found = route(index, subject?.words ?? rest);
  }
  if (help !== undefined) {
    await host.output.print(help);
    return ExitCode.Ok;
  }
  host.useIndex(index, found.kind === 'command' ? found.path : '');
  if (subject) throw noHelp(subject, found);
  if (found.kind === 'group') throw incompleteCommand(index, found);
  if (found.kind === 'unknown') throw unknownCommand(found);

  const plugin = await host.loadPlugin(found.plugin);
  const { parse } = await import('#cli');
  let code: number = ExitCode.Ok;
  const command = parse(plugin.commands ?? [], found.paths, [...rest], host.io, async () => code);
  const words = command.path;
  const services = host.servicesFor(found.plugin);
  const started = Date.now();
  try {
    code = await execute(host, command, services);
  } catch (error) {
    code = await host.fail(error);
  }
  await host.finished(words, code, Date.now() - started);
  return code;
}

/** An author wrote a manifest anew, or mended a plugin: only words that nobody knows or that fail are worth that look. */
function isWorthALook(index: CommandIndex, found: Route): boolean {
  return found.kind !== 'command' || index.plugins[found.plugin]?.failed !== undefined;
}

/** What was asked about must not run in place of its missing help. */
function noHelp({ words, topic }: HelpSubject, found: Route): RigError {
  if (topic) return unknownTopic(words);
  return found.kind === 'unknown' ? unknownCommand(found) : helpMissing(found.path);
}

async function execute(host: Host, command: RigCommand, services: ReturnType<Host['servicesFor']>): Promise<number> {
  const { result } = command.constructor as unknown as CommandClass;
  await host.output.check(result);
  const returned = await command.run(services);
  await host.output.render(result as Result<unknown>, returned);
  // Only now: how a stream ends is known once all of it was printed.
  const exitCode = isOutcome(returned) ? returned.exitCode : ExitCode.Ok;
  // A reader that has seen enough is no failure, whatever the command made of its end.
  return host.output.closed ? ExitCode.Ok : exitCode;
}
