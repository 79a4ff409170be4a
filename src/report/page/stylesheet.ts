import { html } from './markup.js';

/** Hatching, so that an outage is told apart without colours too. */
export const patterns = html`<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" x2="0" y1="0" y2="6"/></pattern></defs></svg>`;

/** How the page looks: on a screen light or dark, on a telephone, on paper. Contrasts are those of WCAG AA. */
export const stylesheet = html`
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1b2129; --muted: #57606c; --rule: #d8dde3; --faint: #e9ecf0;
  --good: #0b6b50; --good-tint: #e2f3ec; --bad: #b0201a; --bad-tint: #fdeae8;
  --probe: #4d7196; --wait: #c3d2e2; --holder: #2a5f9e; --budget: #57606c;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --card: #1a2027; --text: #e4e8ed; --muted: #a2adb9; --rule: #36404b; --faint: #262e37;
    --good: #5fd0a6; --good-tint: #15352b; --bad: #ff9189; --bad-tint: #43201f;
    --probe: #8fb2d6; --wait: #34495f; --holder: #79b0ec; --budget: #a2adb9;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
main, footer { max-width: 1040px; margin: 0 auto; padding: 0 20px; }
main { padding-top: 40px; }
footer { padding-top: 8px; padding-bottom: 40px; color: var(--muted); font-size: 13px; }
h1, h2, p, dl, dd, figure { margin: 0; }
h1, h2, .story, .route, dd, th { overflow-wrap: anywhere; }
.kicker { color: var(--muted); font-size: 14px; font-weight: 600; }
h1 { font-size: clamp(28px, 5vw, 38px); line-height: 1.15; letter-spacing: -0.02em; font-weight: 700; }
.verdict { margin: 16px 0 0; padding: 10px 16px; border-left: 5px solid; border-radius: 4px; font-size: 19px; font-weight: 600; }
.within { color: var(--good); background: var(--good-tint); }
.over, .not-back, .badge.failed { color: var(--bad); background: var(--bad-tint); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px 20px; margin: 20px 0 0; }
dt { color: var(--muted); font-size: 13px; }
dd { font-size: 15px; line-height: 1.4; }
section { margin: 28px 0; padding: 20px 24px; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
code { font: 0.8em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--muted); font-weight: 400; }
a { color: inherit; text-decoration-color: var(--muted); text-underline-offset: 3px; }

table { width: 100%; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
caption { padding-bottom: 8px; color: var(--muted); font-size: 13px; text-align: left; }
th, td { padding: 8px 8px; border-bottom: 1px solid var(--faint); text-align: left; vertical-align: middle; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-bottom-color: var(--rule); color: var(--muted); font-size: 12px; font-weight: 600; line-height: 1.3; vertical-align: bottom; }
tbody th { font-weight: 600; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; padding-bottom: 0; }
.number { text-align: right; white-space: nowrap; }
td.route { min-width: 12.2em; }
td.gauge { width: 17%; min-width: 110px; }
td.gauge svg { display: block; }
.badge { display: inline-block; padding: 2px 9px; border-radius: 4px; font-size: 13px; font-weight: 600; white-space: nowrap; }
.trough { fill: var(--faint); }
.used { fill: var(--good); }
.used.beyond { fill: var(--bad); }
.excess { fill: var(--bad-tint); stroke: var(--bad); }
.excess-hatch, .outage-hatch { fill: url(#hatch); }
.limit { stroke: var(--text); stroke-width: 2; }

.heading { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 6px 16px; }
h2 { font-size: 20px; line-height: 1.3; letter-spacing: -0.01em; }
h2 code { margin-left: 6px; font-size: 13px; letter-spacing: 0; }
.story { margin-top: 8px; font-size: 16px; max-width: 60em; }
.facts { margin-top: 4px; color: var(--muted); font-size: 14px; }
figure { margin-top: 16px; }
figure svg { display: block; overflow: visible; }
.overview { margin-top: 14px; }

svg text { font-size: 12px; fill: var(--text); font-variant-numeric: tabular-nums; paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
svg .lane { font-size: 12.5px; font-weight: 600; }
svg .note, svg .tick, svg .aside { fill: var(--muted); font-weight: 400; }
svg .outage-label { fill: var(--bad); font-size: 13.5px; font-weight: 700; }
svg .budget-label { fill: var(--budget); }
svg line, svg path { vector-effect: non-scaling-stroke; }
.hatch { stroke: var(--bad); stroke-width: 1.6; opacity: 0.35; }
.axis { stroke: var(--muted); }
.grid { stroke: var(--faint); }
.base { stroke: var(--rule); fill: none; }
.injected { stroke: var(--text); stroke-width: 1.6; }
.flag { fill: var(--text); }
.undone { stroke: var(--text); stroke-width: 1.6; stroke-dasharray: 5 4; }
.budget { stroke: var(--budget); stroke-width: 1.6; }
.outage { fill: var(--bad-tint); }
.probe { stroke: var(--probe); stroke-width: 1.25; }
.probe.refused, .probe.reset, .probe.silent, .failed { stroke: var(--bad); stroke-width: 1.75; }
.wait { fill: var(--wait); }
.wait.refused, .wait.reset, .wait.silent { fill: var(--bad); opacity: 0.3; }
.faint { stroke: var(--probe); stroke-width: 1; opacity: 0.6; }
.holds { fill: var(--holder); }
.frame { fill: none; stroke: var(--text); stroke-width: 1; rx: 2px; }

@media screen and (max-width: 760px) {
  main, footer { padding-left: 14px; padding-right: 14px; }
  main { padding-top: 24px; }
  section { margin: 18px 0; padding: 16px 14px; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, caption, tbody { display: block; }
  tbody tr { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 0; padding: 12px 0; border-bottom: 1px solid var(--rule); }
  tbody tr:last-child { border-bottom: 0; padding-bottom: 0; }
  tbody tr > * { padding: 0; border: 0; }
  tbody th { order: -2; flex: 1; font-size: 15px; }
  td.state { order: -1; }
  td.route, td.gauge { flex: 0 0 100%; min-width: 0; }
  td.number { flex: 0 0 33.3%; text-align: left; }
  td.number::before { content: attr(data-label); display: block; color: var(--muted); font-size: 12px; line-height: 1.3; }
}

@media print {
  @page { size: A4; margin: 14mm 13mm; }
  :root { color-scheme: light; --page: #ffffff; --rule: #b5bcc4; --faint: #e2e5e9; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  body { font-size: 11pt; }
  main, footer { max-width: none; padding-left: 0; padding-right: 0; }
  main { padding-top: 0; }
  section { margin: 3mm 0; padding: 3mm 5mm; break-inside: avoid; }
  .story { margin-top: 4px; font-size: 10pt; }
  .facts { font-size: 9pt; }
  figure { margin-top: 8px; }
  .overview { margin-top: 8px; }
  h2 { break-after: avoid; }
  table { font-size: 8.5pt; }
  thead th { font-size: 8pt; }
  th, td { padding: 5px 4px; }
  tbody tr { break-inside: avoid; }
  td.route { min-width: 9.5em; }
  td.gauge { width: 12%; min-width: 60px; }
  .badge { font-size: 8pt; padding: 1px 5px; }
  a { text-decoration: none; }
}
`;
