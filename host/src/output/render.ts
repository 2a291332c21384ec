import {
  ExitCode,
  type ListResult,
  type Result,
  RigError,
  type StreamResult,
  sanitiseLine,
  sanitiseLines,
  type ValueResult,
} from '@rig/plugin-api';
import type { Format } from '../globals.ts';
import { layOutBlocks } from './blocks.ts';
import { isChanging, renderChanging } from './changing.ts';
import { jsonDocument, jsonLine } from './json.ts';
import type { Screen } from './screen.ts';
import { pump, type StreamStops, untilStopped } from './stream.ts';
import type { Style } from './style.ts';
import { layOut, toGrid } from './table.ts';

/** What rendering needs beside the value. */
export interface RenderContext {
  format: Format;
  screen: Screen;
  /** Of standard output. */
  style: Style;
  stops: StreamStops;
  /** Whether standard output is a terminal on which something may be drawn in place of what was there. */
  redraws: boolean;
  note(text: string): void;
}

/**
 * Refuses a form that a kind of result does not have: asked before the command runs, so that nothing is done first.
 *
 * @throws RigError `RIG_FORMAT_UNSUPPORTED` (2)
 */
export function checkFormat(result: Result<never>, format: Format): void {
  const lacking =
    format === 'name' && (result.kind === 'stream' || (result.kind === 'value' && result.name === undefined));
  if (!lacking) return;
  throw new RigError({
    code: 'RIG_FORMAT_UNSUPPORTED',
    message: 'this command has no names to print with -o name',
    hint: result.kind === 'stream' ? 'use -o ndjson' : 'use -o json',
    exitCode: ExitCode.Usage,
  });
}

/**
 * Refuses a form that was asked for of a command whose bytes go through as they are; one that is merely set for all commands
 * has no meaning there.
 */
export function checkRaw(result: Result<never>, asked: Format | undefined): void {
  if (result.kind !== 'raw' || asked === undefined || asked === 'table') return;
  throw new RigError({
    code: 'RIG_FORMAT_UNSUPPORTED',
    message: `this command has no result that -o ${asked} could give a form: its bytes go through as they are`,
    hint: 'leave out -o',
    exitCode: ExitCode.Usage,
  });
}

/** Prints what a command returned, in the form that was asked for. */
export async function renderResult<T>(result: Result<T>, value: unknown, context: RenderContext): Promise<void> {
  checkFormat(result as Result<never>, context.format);
  switch (result.kind) {
    case 'raw':
      return;
    case 'stream':
      return renderStream(result, value as AsyncIterable<T>, context);
    case 'list':
      return print(await listText(result, await rowsOf<T>(value), context), context);
    case 'value':
      if (isChanging(value)) return renderChanging(result, value as AsyncIterable<T>, context);
      return print(await valueText(result, value as T, context), context);
  }
}

async function print(text: string, { screen }: RenderContext): Promise<void> {
  screen.write(screen.out, text);
  await screen.ready();
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

/** The width to fit a table to: only a person's terminal has one. */
const fitTo = ({ screen }: RenderContext): number | undefined =>
  screen.out.isTTY ? screen.out.stream.columns || 80 : undefined;

async function rowsOf<T>(value: unknown): Promise<T[]> {
  if (Array.isArray(value)) return value as T[];
  const rows: T[] = [];
  for await (const row of value as AsyncIterable<T>) rows.push(row);
  return rows;
}

async function valueText<T>(result: ValueResult<T>, value: T, context: RenderContext): Promise<string> {
  switch (context.format) {
    case 'json':
      return jsonDocument(value);
    case 'ndjson':
      return jsonLine(value);
    case 'yaml':
      return (await import('#yaml')).writeYaml(value);
    case 'name':
      return lines(sanitiseLines(result.name?.(value) ?? ''));
    case 'table':
      return lines(layOutBlocks(result.view(value), context.style, fitTo(context)));
  }
}

async function listText<T>(result: ListResult<T>, rows: readonly T[], context: RenderContext): Promise<string> {
  switch (context.format) {
    case 'json':
      return jsonDocument(rows);
    case 'ndjson':
      return rows.map(jsonLine).join('');
    case 'yaml':
      return (await import('#yaml')).writeYaml(rows);
    case 'name':
      return lines(rows.map((row) => sanitiseLine(result.name(row))));
    case 'table':
      if (rows.length > 0) return lines(layOut(toGrid(result.columns, rows), context.style, fitTo(context)));
      if (result.empty !== undefined) context.note(result.empty);
      return '';
  }
}

async function renderStream<T>(
  result: StreamResult<T>,
  source: AsyncIterable<T>,
  context: RenderContext,
): Promise<void> {
  const { screen, stops, format } = context;
  if (format === 'json') {
    // One document, or nothing at all: an error in the middle leaves stdout empty.
    const records: T[] = [];
    for await (const record of untilStopped(source, stops)) records.push(record);
    return print(jsonDocument(records), context);
  }
  if (format === 'yaml') {
    const { writeYaml } = await import('#yaml');
    let items = 0;
    // Item by item: lists of one, one after the other, are one list.
    await pump(
      source,
      (record) => {
        items++;
        return writeYaml([record]);
      },
      screen,
      stops,
    );
    return items === 0 ? print('[]\n', context) : undefined;
  }
  if (format === 'ndjson') return pump(source, jsonLine, screen, stops);
  const line = (record: T): string => {
    const text = result.line(record);
    return text === undefined ? '' : lines(sanitiseLines(text));
  };
  return pump(source, line, screen, stops);
}
