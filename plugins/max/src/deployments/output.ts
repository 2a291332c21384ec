import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OUTPUT_FILES } from '../engine/process-engine.ts';
import type { Log } from '../logs/log.ts';
import { Tailer } from '../logs/tailer.ts';
import { removeTree } from '../remove-tree.ts';

/** Which output: the name that its lines bear, and what names its files among the log's sources. */
export interface OutputSource {
  folder: string;
  log: Log;
  instance: string;
  id: string;
  run: number;
  report(text: string): void;
}

/** The output files of one run of an instance, followed into its app's log. */
export class Output {
  readonly source: OutputSource;
  readonly #tailers: Tailer[] = [];
  readonly #files: string[] = [];

  constructor(source: OutputSource) {
    this.source = source;
    for (const stream of ['stdout', 'stderr'] as const) {
      const path = join(source.folder, OUTPUT_FILES[stream]);
      // An instance that was killed before it ran has none.
      if (!existsSync(path)) continue;
      const onError = (error: Error): void =>
        source.report(`the output of ${source.id} cannot be stored: ${error.message}`);
      const file = `${source.id}/${source.run}/${stream}`;
      this.#files.push(file);
      this.#tailers.push(
        new Tailer({ path, source: file, log: source.log, instance: source.instance, stream, onError }),
      );
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
    const { folder, log, report } = this.source;
    await removeTree(folder).catch((error: Error) => report(`${folder} stays on disk: ${error.message}`));
    log.forget(this.#files);
    return true;
  }

  /** Stops to follow, to go on later. */
  async stop(): Promise<void> {
    await Promise.all(this.#tailers.map((tailer) => tailer.stop()));
  }
}
