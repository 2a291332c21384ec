/**
 * What happens to resources, event `event` on the topics `user:ID`, `network:ID` and `app:ID`. Join params
 * {@link EventsJoin}; the reply is {@link EventsJoined}. What Max no longer has of what was asked for comes as event `gap`,
 * an {@link EventsGap}.
 */
export interface ResourceEvent {
  /** Rises by one with each event of this Max. */
  seq: number;
  /** ISO 8601 in UTC. */
  at: string;
  /** `network.created`, `app.created`, `app.stopped`, `app.started`, `app.updated`, `app.deleted`, `deployment.updated`, `instance.crashed`, `instance.unhealthy`, `instance.recovered`, … */
  type: string;
  /** Name of the network that it is about, if any. */
  network: string | null;
  /** Name of the app that it is about, if any. */
  app: string | null;
  /** One sentence. */
  text: string;
  /** Why, where something failed: a stable code, of an instance one of `INSTANCE_FAILURE_CODES`. */
  code?: string;
}

/** Reply to the join of an event topic. */
export interface EventsJoined {
  /** Sequence number of the last event at the time of the join. */
  last: number;
}

/** Params of the join of an event topic. */
export interface EventsJoin {
  /** Begin with the first event after this number; with those to come unless said. */
  after?: number;
}

/** Events that were asked for and are not kept any more. Some of them may have been about something else. */
export interface EventsGap {
  /** Number of the first that is gone. */
  from: number;
  /** Number of the last that is gone. */
  to: number;
}

/** Answer of `GET /v1/events`. */
export interface EventPage {
  /** Oldest first. */
  events: ResourceEvent[];
  /** Sequence number of the last event of this Max, whatever it is about. */
  last: number;
  /** Everything up to this number was looked at; below `last` there may be more: ask with `after`. */
  through: number;
  /** Events after `after` that are not kept any more. Some of them may have been about something else. */
  gap?: EventsGap;
}
