import type { DrillRecord, FaultRecord } from '../../drill/probe/record.js';
import type { TimeSpan } from '../drill/judgement.js';
import { drawnOutages, worstOutage } from '../drill/outages.js';
import { milliseconds, probesText, storyOf } from '../drill/wording.js';
import { across, box, bracket, strokeDown, textAt } from './drawing.js';
import { lanesOf } from './lanes.js';
import { html, type Markup } from './markup.js';
import { closeUp, momentText, place, roundMoments } from './view.js';

/** Pixels from the top of a lane's label to the next one's. */
const lanePitch = 38;

/** What matters of a fault, drawn over time: probes, holders, the injection, the outage and its budget. */
export function timeline(record: FaultRecord, drill: DrillRecord, id: string): Markup {
  const view = closeUp(record, drill.probeIntervalMs);
  const head = header(record, view);
  const lanes = lanesOf(record, drill.nodes, view);
  const foot = head.height + lanes.length * lanePitch + 4;
  const drawn = lanes.map((lane, index) => {
    const top = head.height + index * lanePitch;
    return html`<text class="lane" x="0" y="${top + 13}">${lane.label} <tspan class="note">${lane.note}</tspan></text>${lane.draw(top + 19)}`;
  });
  return html`<svg class="timeline" role="img" aria-labelledby="${id}-title ${id}-desc" width="100%" height="${foot + 24}">
<title id="${id}-title">Timeline of ${record.fault}</title>
<desc id="${id}-desc">${storyOf(record)} ${probesText(record)}.</desc>
${drawnOutages(record).map((outage) => shade(outage, view, head.height - 26, foot))}
${axis(view, record.injectedAt, head.height, foot)}
${isIn(record.injectedAt, view) ? strokeDown(record.injectedAt, view, 'injected', 16, foot) : undefined}
${isIn(record.undoneAt, view) ? strokeDown(record.undoneAt, view, 'undone', 16, foot) : undefined}
${head.drawn}
${drawn}
</svg>`;
}

/** Above the lanes: what the marks mean, the outage with its number, the budget. */
function header(record: FaultRecord, view: TimeSpan): { readonly height: number; readonly drawn: Markup } {
  const { injectedAt, undoneAt, budgetMs } = record;
  const outage = worstOutage(record);
  const start = outage?.from ?? injectedAt;
  const budget = { from: start, to: start + budgetMs };
  const undone = isIn(undoneAt, view);
  const second = undone ? 34 : 18;
  const drawn = html`${injectedText(record, view)}
${undoneText(record, view)}
${textAt(middle(budget, view), view, 'budget-label', second + 12, `budget ${milliseconds(budgetMs)}`)}
${bracket(budget, view, 'budget', second + 21)}
${outage === undefined ? undefined : textAt(middle(outage, view), view, 'outage-label', second + 42, outageLabel(record))}`;
  return { height: second + (outage === undefined ? 26 : 52), drawn };
}

function injectedText({ injectedAt }: FaultRecord, view: TimeSpan): Markup {
  return isIn(injectedAt, view)
    ? html`${flag(injectedAt, view)}${textBeside(injectedAt, view, 'mark', 12, 'injected')}`
    : html`<text class="mark aside" x="0" y="12">← injected</text>`;
}

/** Beside its line, or at the edge beyond which it lies. */
function undoneText({ undoneAt, injectedAt }: FaultRecord, view: TimeSpan): Markup | undefined {
  const text = `undone +${milliseconds(Math.max(0, undoneAt - injectedAt))}`;
  return isIn(undoneAt, view)
    ? textBeside(undoneAt, view, 'mark', 28, text)
    : html`<text class="mark aside" x="100%" y="12" text-anchor="end">${text} →</text>`;
}

function outageLabel({ outageMs }: FaultRecord): string {
  return outageMs === undefined ? 'no service until the end' : `outage ${milliseconds(outageMs)}`;
}

function isIn(at: number | undefined, { from, to }: TimeSpan): at is number {
  return at !== undefined && at >= from && at <= to;
}

function middle({ from, to }: TimeSpan, view: TimeSpan): number {
  return (Math.max(from, view.from) + Math.min(to, view.to)) / 2;
}

function flag(at: number, view: TimeSpan): Markup {
  return html`<svg x="${across(at, view)}" y="4" overflow="visible"><path class="flag" d="M-5 2H5L0 11Z"/></svg>`;
}

/** Right of a moment, or left of it where it is late. */
function textBeside(at: number, view: TimeSpan, name: string, y: number, text: string): Markup {
  const isLate = place(at, view) > 0.6;
  return html`<text class="${name}" x="${across(at, view)}" dx="${isLate ? -8 : 8}" y="${y}" text-anchor="${isLate ? 'end' : 'start'}">${text}</text>`;
}

function shade(outage: TimeSpan, view: TimeSpan, top: number, foot: number): Markup {
  return html`${box(outage, view, 'outage', top, foot - top)}${box(outage, view, 'outage-hatch', top, foot - top)}`;
}

function axis(view: TimeSpan, origin: number, top: number, foot: number): Markup {
  const { step, moments } = roundMoments(view, origin);
  const ticks = moments.map((moment) => {
    const at = origin + moment;
    return html`${strokeDown(at, view, 'grid', top, foot + 4)}${textAt(at, view, 'tick', foot + 18, momentText(moment, step))}`;
  });
  return html`<line class="axis" x1="0" x2="100%" y1="${foot}" y2="${foot}"/>${ticks}`;
}
