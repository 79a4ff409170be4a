import type { DrillRecord, FaultRecord } from '../../drill/probe/record.js';
import { inFlightCount, verdictOf } from '../drill/judgement.js';
import { inFlightText, milliseconds, probesText, storyOf, titles, verdictText } from '../drill/wording.js';
import { listed } from '../layout/wording.js';
import { html, type Markup } from './markup.js';
import { overview } from './overview.js';
import { patterns, stylesheet } from './stylesheet.js';
import { badge, summary } from './summary.js';
import { timeline } from './timeline.js';

/** A drill as one page of HTML that needs nothing else: no script, no font, no network. */
export function drillPage(record: DrillRecord): string {
  const verdict = verdictText(record.faults);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Failover drill of ${record.cluster}: ${verdict}</title>
<style>${stylesheet}</style>
</head>
<body>
${patterns}
<main>
<header>
<p class="kicker">Failover drill</p>
<h1>${record.cluster}</h1>
<p class="verdict ${isGood(record) ? 'within' : 'over'}"><span aria-hidden="true">${isGood(record) ? '✔' : '✖'}</span> ${sentence(verdict)}</p>
${circumstances(record)}
</header>
${record.faults.length === 0 ? undefined : html`<section aria-label="Summary">${summary(record.faults)}</section>`}
${record.faults.map((fault, index) => section(fault, record, `fault-${index + 1}`))}
</main>
<footer>Made by ha-deploy ${record.version}. Times in the timelines count from the injection of the fault.</footer>
</body>
</html>
`.toString();
}

function isGood({ faults }: DrillRecord): boolean {
  return faults.length > 0 && faults.every((fault) => verdictOf(fault) === 'within');
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function circumstances(record: DrillRecord): Markup {
  const rows: [string, Markup][] = [
    ['When', html`<time datetime="${record.startedAt}">${dateText(record.startedAt)}</time>`],
    ['Endpoint', html`${record.endpoint} (${record.service})`],
    [
      'Probes',
      html`every ${milliseconds(record.probeIntervalMs)}, from ${record.prober ?? 'the machine that ran the drill'}`,
    ],
    ['Adverts', html`every ${milliseconds(record.advertIntervalMs)}`],
    ['Nodes', html`${listed(record.nodes)}`],
  ];
  return html`<dl>${rows.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** `22 November 2026, 03:00:00 UTC`; what is no date stays as it is. */
function dateText(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  return `${day}, ${date.toISOString().slice(11, 19)} UTC`;
}

function section(fault: FaultRecord, drill: DrillRecord, id: string): Markup {
  const inFlight = inFlightText(inFlightCount(fault), fault);
  return html`<section class="fault" id="${id}" aria-labelledby="${id}-heading">
<div class="heading"><h2 id="${id}-heading">${titles[fault.fault]} <code>${fault.fault}</code></h2>${badge(fault)}</div>
<p class="story">${storyOf(fault)}</p>
<p class="facts">${sentence(probesText(fault))}.${inFlight === '' ? '' : ` ${inFlight}.`}</p>
<figure>${timeline(fault, drill, id)}${overview(fault, drill.probeIntervalMs, id)}</figure>
</section>
`;
}
