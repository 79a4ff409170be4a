import type { FaultRecord } from '../../drill/probe/record.js';
import { failedCount, inFlightCount, verdictOf } from '../drill/judgement.js';
import { milliseconds, outageText, routeText, verdicts } from '../drill/wording.js';
import { percent } from './drawing.js';
import { html, type Markup } from './markup.js';

/** All faults in a table, each with a bar of its outage against its budget. */
export function summary(faults: readonly FaultRecord[]): Markup {
  return html`<table>
<caption>Every fault against its budget. The line across a bar is the budget; what lies beyond it is hatched.</caption>
<thead><tr><th scope="col">Fault</th><th scope="col">From → to</th><th scope="col" class="number">Outage</th><th scope="col" class="number">Budget</th><th scope="col" class="gauge">Outage against budget</th><th scope="col" class="number">Probes</th><th scope="col" class="number">Failed</th><th scope="col" class="number">In flight</th><th scope="col">Verdict</th></tr></thead>
<tbody>
${faults.map(row)}
</tbody></table>`;
}

function row(record: FaultRecord, index: number): Markup {
  const number = (label: string, value: string | number) =>
    html`<td class="number" data-label="${label}">${String(value)}</td>`;
  return html`<tr><th scope="row"><a href="#fault-${index + 1}">${record.fault}</a></th><td class="route" data-label="From → to">${routeText(record)}</td>${number('Outage', outageText(record))}${number('Budget', milliseconds(record.budgetMs))}<td class="gauge">${gauge(record)}</td>${number('Probes', record.probes.length)}${number('Failed', failedCount(record))}${number('In flight', inFlightCount(record))}<td class="state">${badge(record)}</td></tr>
`;
}

const signs = { within: '✔', over: '✖', 'not-back': '✖', failed: '✖' };

/** The verdict: a sign, words and a colour. */
export function badge(record: FaultRecord): Markup {
  const verdict = verdictOf(record);
  return html`<span class="badge ${verdict}"><span aria-hidden="true">${signs[verdict]}</span> ${verdicts[verdict]}</span>`;
}

/** Where the budget ends on every bar, as a share of its width. */
const limit = 0.6;

function gauge({ outageMs, budgetMs }: FaultRecord): Markup {
  const ratio = outageMs === undefined ? Infinity : budgetMs > 0 ? outageMs / budgetMs : outageMs > 0 ? Infinity : 0;
  const share = Math.min(ratio * limit, 1);
  const over = Math.max(0, share - limit);
  return html`<svg role="img" aria-label="${gaugeText(ratio)}" width="100%" height="14"><rect class="trough" width="100%" height="8" y="3" rx="2"/><rect class="${over > 0 ? 'used beyond' : 'used'}" width="${percent(Math.min(share, limit))}" height="8" y="3" rx="2"/>${
    over > 0
      ? html`<rect class="excess" x="${percent(limit)}" width="${percent(over)}" height="8" y="3"/><rect class="excess-hatch" x="${percent(limit)}" width="${percent(over)}" height="8" y="3"/>`
      : undefined
  }<line class="limit" x1="${percent(limit)}" x2="${percent(limit)}" y1="0" y2="14"/></svg>`;
}

function gaugeText(ratio: number): string {
  return Number.isFinite(ratio) ? `${Math.round(ratio * 100)} % of the budget` : 'beyond the budget';
}
