/** A row of figures of a panel, drawn as a graph. */
export interface PanelSeries {
  /** Named before its graph. */
  label: string;
  /** Oldest first; `null` where there is none. At most 3,600. */
  values: ReadonlyArray<number | null>;
  /** Said after it, e.g. the newest figure with its unit. */
  text?: string;
}

/**
 * What a plugin shows on the dashboard, JSON-plain: lines of text, then a table, then graphs; each may be left out. Texts are
 * cut after 2,000 characters; 500 lines, rows or graphs and 256 KiB are the most.
 */
export interface DashboardPanel {
  /** Names it among all panels: `[A-Za-z0-9._-]`, best begun with the plugin's name. */
  id: string;
  /** Its heading. */
  title: string;
  /** Lines of text. */
  text?: readonly string[];
  /** A table: headings, and rows of as many cells. */
  table?: { columns: readonly string[]; rows: ReadonlyArray<ReadonlyArray<string | number | null>> };
  /** Graphs. */
  series?: readonly PanelSeries[];
  /** Seconds after which it is to be made anew, 1 to 3,600; 5 unless said. */
  refreshSeconds?: number;
}

const MOST_ITEMS = 500;
const MOST_VALUES = 3600;
/** Characters of a text: more than that nobody can see. */
const MOST_TEXT = 2000;
/** Characters of a panel as JSON: it goes to every tab of a browser, and into every document. */
const MOST_PANEL = 256 * 1024;

const isText = (value: unknown): value is string => typeof value === 'string';
const isRow = (value: unknown): boolean =>
  Array.isArray(value) && value.every((cell) => cell === null || isText(cell) || typeof cell === 'number');
const isListOf = (value: unknown, is: (item: unknown) => boolean, most = MOST_ITEMS): boolean =>
  Array.isArray(value) && value.length <= most && value.every(is);

/** What is wrong with a panel; `undefined` where nothing is. */
function wrongOf(panel: Partial<DashboardPanel> | null): string | undefined {
  if (typeof panel !== 'object' || panel === null) return 'it is no object';
  const { id, title, text, table, series, refreshSeconds } = panel;
  if (!isText(id) || !/^[\w.-]{1,64}$/.test(id)) return 'id is not of A-Z a-z 0-9 . _ -';
  if (!isText(title)) return 'title is no text';
  if (text !== undefined && !isListOf(text, isText)) return `text is no list of at most ${MOST_ITEMS} lines`;
  if (table !== undefined && !(isListOf(table?.columns, isText) && isListOf(table.rows, isRow)))
    return 'table has not columns of text and rows of text and numbers';
  const isSeries = (one: unknown): boolean => {
    const { label, values, text: said } = (one ?? {}) as Partial<PanelSeries>;
    const isFigure = (value: unknown): boolean => value === null || typeof value === 'number';
    return isText(label) && isListOf(values, isFigure, MOST_VALUES) && (said === undefined || isText(said));
  };
  if (series !== undefined && !isListOf(series, isSeries)) return 'series has not each a label and values';
  if (refreshSeconds !== undefined && !(refreshSeconds >= 1 && refreshSeconds <= 3600))
    return 'refreshSeconds is not 1 to 3600';
  return undefined;
}

/** Copies a panel as plain JSON. @throws TypeError where it is not as its type says */
export function checkPanel(panel: DashboardPanel): DashboardPanel {
  const wrong = wrongOf(panel);
  if (wrong !== undefined)
    throw new TypeError(
      `the panel ${String(JSON.stringify(panel?.id ?? null)).slice(0, 80)} is not as it must be: ${wrong}`,
    );
  const { id, title, text, table, series, refreshSeconds } = panel;
  // What the plugin changes afterwards, and what is no part of a panel, stays its own.
  const json = JSON.stringify({ id, title, text, table, series, refreshSeconds }, (_key, value: unknown) =>
    isText(value) && value.length > MOST_TEXT ? `${value.slice(0, MOST_TEXT)}…` : value,
  );
  if (json.length > MOST_PANEL) throw new TypeError(`the panel "${id}" is larger than ${MOST_PANEL / 1024} KiB`);
  return JSON.parse(json) as DashboardPanel;
}
