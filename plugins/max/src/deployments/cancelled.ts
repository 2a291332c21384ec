/** The reason of an abort: a person asked for it. */
export class Cancelled extends Error {}
