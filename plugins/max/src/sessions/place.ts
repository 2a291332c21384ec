import type { SessionFacts } from './session.ts';

/** Where a session runs: an app's release as an instance has it, or the control plane of a network. */
export interface SessionPlace
  extends Pick<SessionFacts, 'network' | 'networkId' | 'app' | 'appId' | 'instance' | 'release'> {
  /** The folder that programs begin in. */
  cwd: string;
  /** The port that the instance was given; `null` where it has none, or does not run. */
  port: number | null;
  /** A folder for what the sessions of this place have of their own, such as temporary files. */
  sessionsFolder: string;
  /** The whole environment of a program, with the folder of its temporary files. */
  environment(tmp: string): Record<string, string>;
  /** Blots the values of vars and secrets out of a text. */
  blot(text: string): string;
  /** Keeps what lies there until it is called back: a release that is replaced keeps its folder. */
  hold(): () => void;
}
