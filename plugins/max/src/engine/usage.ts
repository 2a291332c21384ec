/** What the processes of an instance use. */
export interface Usage {
  /** Seconds of a processor since the look before; of a process that nobody has looked at yet, since its start. */
  cpuSeconds: number;
  /** Bytes, what processes share counted for each of them. */
  memoryBytes: number;
  /** Open TCP sockets, those that listen included. */
  sockets: number;
}

/** An instance's process that was started first, the leader of the session of most others. */
export interface Leader {
  /** Of the instance. */
  id: string;
  pid: number;
}

/** Looks at the processes of instances, again and again. */
export interface UsageMeter {
  /** What each instance uses, by its id; one that has no process any more is not in it. */
  look(leaders: readonly Leader[]): Promise<ReadonlyMap<string, Usage>>;
}
