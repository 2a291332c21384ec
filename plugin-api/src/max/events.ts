/**
 * What happens to resources, event `event` on the topics `user:ID`, `network:ID` and `app:ID`. Join params
 * `{after?: number}`; the reply is `{last}`.
 */
export interface ResourceEvent {
  /** Rises by one with each event of this Max. */
  seq: number;
  at: string;
  /** `network.created`, `app.created`, `app.deleted`, `deployment.updated`, `instance.crashed`, … */
  type: string;
  network: string | null;
  app: string | null;
  /** One sentence. */
  text: string;
}

/** Reply to the join of an event topic. */
export interface EventsJoined {
  last: number;
}
