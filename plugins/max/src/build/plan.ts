import type { Fingerprint } from './cache/entry.ts';

/** How a process of an app is started. */
export type ProcessPlan =
  /** A shell command, run in the release's folder. */
  | { kind: 'command'; command: string }
  /** Max's own file server. */
  | { kind: 'static' };

/** What decides whether dependencies may be restored: from what they are made, or why nobody can tell. */
export type Origin = { fingerprint: Fingerprint; remark?: string } | { unknown: string };

/** Dependencies that steps install into one folder; where they would come out the same they are restored instead. */
export interface Dependencies {
  /** The folder, in the tree. */
  folder: 'node_modules' | '.venv';
  /** From what they are made; asked before the first step of theirs. */
  origin(folder: string, env: Record<string, string>): Promise<Origin>;
  /** Mends paths in what was made at another place. */
  relocate?(folder: string, from: string): void;
}

/** One program that a build runs. */
export interface BuildStep {
  command: readonly [file: string, ...args: string[]];
  /** What is said of it, where the command itself says less well. */
  title?: string;
  /** The dependencies that this step and its neighbours with the same object install. */
  installs?: Dependencies;
  /** Folders of the tree in which the program keeps what makes its next run faster. */
  keeps?: readonly string[];
}

/** What a builder makes of a folder. */
export interface BuildPlan {
  /** What builds and why, e.g. `node: package.json`. */
  builder: string;
  /** What is said at the head of the build's log. */
  reason: string;
  steps: BuildStep[];
  /** By process type; `web` gets the requests, `release` runs once before the others. */
  processes: Readonly<Record<string, ProcessPlan>>;
}

/** Recognises one kind of app. */
export interface Builder {
  /** Says what it is in the build's log and in errors. */
  readonly name: string;
  /** What it wants to find, for the error that nothing matched. */
  readonly looksFor: string;
  /** The plan for a folder, or `undefined` when it is not of this kind. */
  detect(folder: string): Promise<BuildPlan | undefined>;
}

/** Says a process plan in a line. */
export function describeProcess(plan: ProcessPlan): string {
  return plan.kind === 'command' ? plan.command : 'static files';
}
