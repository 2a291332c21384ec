import type { BaseContext, Command as ClipanionCommand } from 'clipanion';
import type { Outcome, Result } from './result.ts';
import { fromHost } from './runtime.ts';
import type { Services } from './services.ts';

/** clipanion's `Option`, of the running host: `Option.String('--network', {description})` and so on. */
export const Option: typeof import('clipanion').Option = fromHost('Option');

/** The clipanion context of a rig command: a plugin never needs it, its host uses it to run the command. */
export interface RigContext extends BaseContext {
  /** Runs a parsed command and renders what it returns; gives the exit code. */
  execute(command: RigCommand): Promise<number>;
}

/**
 * The base of every command: typed options in, a typed value out.
 *
 * ```ts
 * export class Hello extends RigCommand<Greeting> {
 *   static override paths = [['hello']];
 *   static override usage = RigCommand.Usage({ description: 'Greet somebody' });
 *   static override result = value<Greeting>((g) => [g.text]);
 *   who = Option.String({ required: false, name: 'NAME' });
 *   async run() { return { text: `Hello ${this.who ?? 'you'}` }; }
 * }
 * ```
 *
 * A class is instantiated to read its options, so field initialisers must not touch `this.context`. `run` throws a
 * `RigError` for every failure that a person can meet.
 */
export declare abstract class RigCommandBase<T = unknown> extends ClipanionCommand<RigContext> {
  /** How the value is shown; see `value`, `list`, `stream`, `raw`. */
  static result: Result<never>;
  /**
   * Makes the command's value: a JSON-plain value or an `Outcome` of one, an array for `list`, an async iterable for
   * `stream` (or for a value that is shown anew at each change), nothing for `raw` (or an `Outcome<undefined>` with the exit code).
   */
  abstract run(services: Services): Promise<T | Outcome<T> | AsyncIterable<T>> | T | Outcome<T> | AsyncIterable<T>;
  /** Called by clipanion; sealed, override `run`. */
  execute(): Promise<number>;
}

/** The type of the class {@link RigCommand}. */
export type RigCommandClass = typeof RigCommandBase;

/** The base of every command, of the running host. */
export const RigCommand: RigCommandClass = fromHost('RigCommand');
/** An instance of a command. */
export type RigCommand<T = unknown> = RigCommandBase<T>;

/** A class of a command that can be registered. */
export interface CommandClass {
  new (): RigCommand;
  /** Every path that leads to it, as words; the first is its name. */
  paths?: string[][];
  /** Description, details and examples for help: what `RigCommand.Usage` gives. */
  usage?: unknown;
  /** How what it returns is shown. */
  result: Result<never>;
}
