import type { Theme } from './theme.ts';

/** A panel of a plugin, ready to be drawn. */
export interface PanelBlock {
  /** Safe to show. */
  title: string;
  /** Its lines, none longer than `columns`. */
  draw(columns: number, theme: Theme): string[];
}
