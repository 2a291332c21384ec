/**
 * What happens to resources, event `event` on the topics `user:ID`, `network:ID` and `app:ID`. Join params
 * `{after?: number}`; the reply is `{last}`.
 */
export interface ResourceEvent {
  /** Rises by one with each event of this Max. */
  seq: number;
  /** ISO 8601 in UTC. */
  at: string;
  /** `network.created`, `app.created`, `app.stopped`, `app.started`, `app.deleted`, `deployment.updated`, `instance.crashed`, … */
  type: string;
  /** Name of the network that it is about, if any. */
  network: string | null;
  /** Name of the app that it is about, if any. */
  app: string | null;
  /** One sentence. */
  text: string;
}

/** Reply to the join of an event topic. */
export interface EventsJoined {
  /** Sequence number of the last event at the time of the join. */
  last: number;
}
