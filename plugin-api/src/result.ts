/** One value of a table; `undefined` and `null` are shown as an empty cell. */
export type Cell = string | number | boolean | null | undefined;

/** A column of a list's table. */
export interface Column<T> {
  /** The heading, upper case. */
  header: string;
  /** The cell of one row. */
  value(row: T): Cell;
  /** Numbers are best aligned to the right; left is the default. */
  align?: 'left' | 'right';
}

/** A part of the table form of a value: a sentence, pairs of label and value, or a small table under a heading. */
export type Block =
  | string
  | { fields: ReadonlyArray<readonly [label: string, value: Cell]> }
  | {
      heading?: string;
      columns: readonly string[];
      rows: ReadonlyArray<readonly Cell[]>;
      /** Of each column; unless given, columns of numbers are aligned to the right. */
      align?: ReadonlyArray<'left' | 'right'>;
    };

/**
 * One value, e.g. a resource: `-o json` prints it as one document. Where `run` gives an async iterable, each value takes
 * the place of the one before on a terminal, and is a line with `-o ndjson`; the other forms are refused.
 */
export interface ValueResult<T> {
  /** Tells it from the other results. */
  readonly kind: 'value';
  /** The table form, a pure function. */
  view(value: T): readonly Block[];
  /** What `-o name` prints; without it that form is refused. */
  name?(value: T): string;
}

/** Many of a kind: `-o json` prints one array, `-o ndjson` a row a line. */
export interface ListResult<T> {
  /** Tells it from the other results. */
  readonly kind: 'list';
  /** The columns of the table, left to right. */
  readonly columns: ReadonlyArray<Column<T>>;
  /** What `-o name` prints for a row. */
  name(row: T): string;
  /** Said on stderr where there are no rows and a table was asked for; may name the command that makes one. */
  empty?: string;
}

/** Records as they happen: `-o ndjson` prints one a line. With `-o json` it must end by itself, and is one array. */
export interface StreamResult<T> {
  /** Tells it from the other results. */
  readonly kind: 'stream';
  /** One record as a line of text for a person; `undefined` leaves it out. */
  line(record: T): string | undefined;
}

/** The command owns stdout through a terminal lease, e.g. a shell. */
export interface RawResult {
  /** Tells it from the other results. */
  readonly kind: 'raw';
}

/** What a command gives back: declared on the class as `static result`, rendered by the host alone. */
export type Result<T> = ValueResult<T> | ListResult<T> | StreamResult<T> | RawResult;

/** Declares a command that returns one value of a JSON-plain type. */
export function value<T>(view: ValueResult<T>['view'], name?: (value: T) => string): ValueResult<T> {
  return { kind: 'value', view, ...(name ? { name } : {}) };
}

/** Declares a command that returns an array, shown as a table. */
export function list<T>(shape: Omit<ListResult<T>, 'kind'>): ListResult<T> {
  return { kind: 'list', ...shape };
}

/** Declares a command that returns an async iterable of records. */
export function stream<T>(line: StreamResult<T>['line']): StreamResult<T> {
  return { kind: 'stream', line };
}

/** Declares a command that leases the terminal and prints nothing through the host. */
export function raw(): RawResult {
  return { kind: 'raw' };
}

const OUTCOME: unique symbol = Symbol.for('rig.outcome') as never;

/** A result that is bad news, e.g. a failed check: data on stdout, and an exit code of its own. */
export interface Outcome<T> {
  readonly [OUTCOME]: true;
  /** What is printed, as if it had been returned alone. */
  readonly data: T;
  /** The code that rig ends with. */
  readonly exitCode: number;
  /** The command has drawn it on a leased terminal: nothing is printed. */
  readonly drawn?: true;
}

/**
 * Gives a result an exit code: the data is still printed on stdout. A function is asked for it once that is done, where only
 * the end of a stream tells.
 */
export function withExitCode<T>(data: T, exitCode: number | (() => number)): Outcome<T> {
  return {
    [OUTCOME]: true,
    data,
    get exitCode() {
      return typeof exitCode === 'number' ? exitCode : exitCode();
    },
  };
}

/** What a command returns that has drawn its result on a leased terminal, where it gives a value elsewhere. */
export function drawn(exitCode = 0): Outcome<never> {
  return { [OUTCOME]: true, data: undefined as never, exitCode, drawn: true };
}

/** Tells whether a command returned an {@link Outcome} rather than plain data. */
export function isOutcome<T>(result: T | Outcome<T>): result is Outcome<T> {
  return typeof result === 'object' && result !== null && (result as { [OUTCOME]?: boolean })[OUTCOME] === true;
}
