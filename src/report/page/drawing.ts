import type { TimeSpan } from '../drill/judgement.js';
import { html, type Markup } from './markup.js';
import { columns } from './strokes.js';
import { clipped, place } from './view.js';

/** A place across the drawing, as wide as it may be: `12.5%`. */
export function across(at: number, view: TimeSpan): string {
  return percent(place(at, view));
}

export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

/** A box over the part of a stretch that is in view; a hair wide at least. */
export function box(stretch: TimeSpan, view: TimeSpan, name: string, top: number, height: number): Markup | undefined {
  const seen = clipped(stretch, view);
  if (seen === undefined) return undefined;
  const share = Math.max(place(seen.to, view) - place(seen.from, view), 0.002);
  return html`<rect class="${name}" x="${across(seen.from, view)}" y="${top}" width="${percent(share)}" height="${height}"/>`;
}

/** A line down the drawing at one moment. */
export function strokeDown(at: number, view: TimeSpan, name: string, top: number, bottom: number): Markup {
  const x = across(at, view);
  return html`<line class="${name}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`;
}

/** A line over a stretch, with its ends marked where they are in view. */
export function bracket(stretch: TimeSpan, view: TimeSpan, name: string, y: number): Markup {
  const seen = clipped(stretch, view) ?? { from: stretch.from, to: stretch.from };
  const ends = [stretch.from, stretch.to].filter((end) => end >= view.from && end <= view.to);
  return html`<line class="${name}" x1="${across(seen.from, view)}" x2="${across(seen.to, view)}" y1="${y}" y2="${y}"/>${ends.map((end) => strokeDown(end, view, name, y - 4, y + 4))}`;
}

/** Text at a moment, turned inwards near the edges. */
export function textAt(at: number, view: TimeSpan, name: string, y: number, text: string): Markup {
  const share = Math.min(Math.max(place(at, view), 0), 1);
  const anchor = share < 0.12 ? 'start' : share > 0.85 ? 'end' : 'middle';
  return html`<text class="${name}" x="${percent(share)}" y="${y}" text-anchor="${anchor}">${text}</text>`;
}

/** Paths in columns, stretched over the width; strokes keep their own. */
export function stretched(top: number, height: number, paths: readonly (Markup | undefined)[]): Markup {
  return html`<svg x="0" y="${top}" width="100%" height="${height}" viewBox="0 0 ${columns} ${height}" preserveAspectRatio="none">${paths}</svg>`;
}

/** A path, unless there is nothing to draw. */
export function svgPath(name: string, data: string): Markup | undefined {
  return data === '' ? undefined : html`<path class="${name}" d="${data}"/>`;
}
