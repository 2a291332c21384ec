import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OUTPUT_FILES } from '../engine/process-engine.ts';
import type { Log } from '../logs/log.ts';
import { Tailer } from '../logs/tailer.ts';
import { removeTree } from '../remove-tree.ts';

/** The output files of one run of an instance, followed into its app's log. */
export class Output {
  readonly #tailers: Tailer[] = [];
  readonly #folder: string;
  readonly #log: Log;
  readonly #report: (text: string) => void;
  readonly #sources: string[] = [];

  /** @param instance the name that its lines bear; @param id and run name the files among the log's sources */
  constructor(init: {
    folder: string;
    log: Log;
    instance: string;
    id: string;
    run: number;
    report: (text: string) => void;
  }) {
    this.#folder = init.folder;
    this.#log = init.log;
    this.#report = init.report;
    for (const stream of ['stdout', 'stderr'] as const) {
      const path = join(init.folder, OUTPUT_FILES[stream]);
      // An instance that was killed before it ran has none.
      if (!existsSync(path)) continue;
      const onError = (error: Error): void =>
        init.report(`the output of ${init.id} cannot be stored: ${error.message}`);
      const source = `${init.id}/${init.run}/${stream}`;
      this.#sources.push(source);
      this.#tailers.push(new Tailer({ path, source, log: init.log, instance: init.instance, stream, onError }));
    }
  }

  /** Begins to follow. */
  start(): void {
    for (const tailer of this.#tailers) tailer.start();
  }

  /**
   * Reads the rest of an instance that has ended, and removes its files once every line is stored.
   *
   * @returns whether it is
   */
  async finish(): Promise<boolean> {
    const stored = await Promise.all(this.#tailers.map((tailer) => tailer.finish()));
    if (!stored.every(Boolean)) return false;
    await removeTree(this.#folder).catch((error: Error) =>
      this.#report(`${this.#folder} stays on disk: ${error.message}`),
    );
    this.#log.forget(this.#sources);
    return true;
  }

  /** Stops to follow, to go on later. */
  async stop(): Promise<void> {
    await Promise.all(this.#tailers.map((tailer) => tailer.stop()));
  }
}
