import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from '../build/build.ts';
import { BuildLog } from '../build/build-log.ts';
import type { BuildCaches } from '../build/cache/build-caches.ts';
import { storageFull } from '../build/failure.ts';
import type { ContentStore } from '../content/content-store.ts';
import { materialise } from '../content/materialise.ts';
import type { LogStore } from '../logs/log-store.ts';
import { say } from '../logs/say.ts';
import type { AppRecord } from '../store/apps.ts';
import type { StatePaths } from '../store/state-paths.ts';
import type { UploadRecord } from '../store/uploads.ts';
import type { BuildRow, BuildRows } from './build-rows.ts';
import { Cancelled } from './cancelled.ts';
import { asFailure, blameDisk } from './deploy-failure.ts';
import type { DeploymentBoard } from './deployment-board.ts';
import type { DeploymentRow } from './deployment-rows.ts';
import { buildFolder, codeFolder } from './folders.ts';
import type { ReleaseRow } from './release-rows.ts';
import { removeBuild } from './remove-build.ts';
import { Slots } from './slots.ts';
import type { Tuning } from './tuning.ts';
import { untilStored } from './until-stored.ts';

/** What code is built with. */
export interface CodeBuilderOptions {
  paths: StatePaths;
  content: ContentStore;
  builds: BuildRows;
  board: DeploymentBoard;
  logs: LogStore;
  caches: BuildCaches;
  tuning: Tuning;
  report(text: string): void;
}

/** The code of a release. */
export type Code = Pick<ReleaseRow, 'buildId' | 'uploadId' | 'builder' | 'processes' | 'files' | 'bytes' | 'digest'>;

/** Makes code that can run of what was uploaded, a few apps at a time. */
export class CodeBuilder {
  readonly #options: CodeBuilderOptions;
  readonly #slots: Slots;
  readonly #ending = new AbortController();

  constructor(options: CodeBuilderOptions) {
    this.#options = options;
    this.#slots = new Slots(options.tuning.buildsAtOnce);
  }

  /**
   * Builds an upload as a step of a deployment.
   *
   * @param source what is built, and why again where it was before
   * @throws DeploymentError; Cancelled; or the reason of the abort
   */
  async build(
    app: AppRecord,
    deployment: DeploymentRow,
    source: { upload: UploadRecord; why?: string },
    signal: AbortSignal,
  ): Promise<Code> {
    const { board, builds, content, logs } = this.#options;
    const free = await this.#slots.take(signal);
    let row: BuildRow | undefined;
    try {
      const started = board.change(app, deployment.id, { state: 'building' }, () => {
        row = builds.create(app.id, deployment.id);
        return { buildId: row.id };
      });
      if (started === undefined || row === undefined) {
        row = undefined;
        throw new Cancelled();
      }
      const log = new BuildLog(logs.build(row.id));
      const { files, bytes } = source.upload;
      log.say(`deployment ${deployment.id} of ${app.name} in ${app.network}: ${files} files, ${bytes} bytes`);
      if (source.why !== undefined) log.say(source.why);
      return await this.#run(app, deployment, row.id, source.upload, log, signal);
    } catch (caught) {
      const error = blameDisk(caught, content.room);
      if (row !== undefined) await this.#drop(row.id, error);
      throw error;
    } finally {
      free();
    }
  }

  /** Max ends: what cannot be stored now is not waited for. */
  end(): void {
    this.#ending.abort();
  }

  /** Ends a build that failed. Its folder goes first: on a full disk that makes the room for the rest. */
  async #drop(id: string, error: unknown): Promise<void> {
    const { builds, content, logs, paths, report } = this.#options;
    const removed = await removeBuild(paths, id).then(
      () => true,
      (left: Error) => report(`the files of build ${id} stay on disk: ${left.message}`),
    );
    const ended = (): void => {
      builds.end(id, 'failed');
      if (removed) builds.dropped(id);
    };
    await untilStored(`the end of build ${id}`, ended, { signal: this.#ending.signal, report });
    const cancelled = error instanceof Cancelled;
    const why = cancelled
      ? 'the build was cancelled'
      : `the build failed: ${asFailure(error, content.room, report).message}`;
    say(logs.build(id), why, report);
    logs.endBuild(id);
  }

  async #run(
    app: AppRecord,
    deployment: DeploymentRow,
    buildId: string,
    upload: UploadRecord,
    log: BuildLog,
    signal: AbortSignal,
  ): Promise<Code> {
    const { builds, logs, paths, content, caches, tuning } = this.#options;
    const folder = codeFolder(paths, buildId);
    await caches.makeRoomFor(upload.bytes);
    const lack = content.room.lack(upload.bytes);
    if (lack !== undefined) throw storageFull(lack);
    await mkdir(buildFolder(paths, buildId), { recursive: true, mode: 0o700 });
    await materialise(content, upload.entries, folder, signal);
    const { builder, processes } = await build({
      buildId,
      folder,
      tmp: join(buildFolder(paths, buildId), 'tmp'),
      log,
      logCommand: `rig logs build ${app.name}.${app.network}`,
      signal,
      limitMs: tuning.buildLimitMs,
      room: content.room,
      cached: { cache: caches.ofApp(app.id), fresh: deployment.fresh === 1 },
      onPlan: (plan) => builds.builder(buildId, plan.builder),
    });
    log.say('the build succeeded');
    builds.end(buildId, 'succeeded');
    logs.endBuild(buildId);
    const { files, bytes, digest } = upload;
    return { buildId, uploadId: upload.id, builder, processes, files, bytes, digest };
  }
}
