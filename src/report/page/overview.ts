import type { FaultRecord } from '../../drill/probe/record.js';
import { milliseconds } from '../drill/wording.js';
import { box, stretched, strokeDown, svgPath } from './drawing.js';
import { html, type Markup } from './markup.js';
import { beginnings, strokes } from './strokes.js';
import { closeUp, wholeRecord } from './view.js';

/** The whole record on a thin strip, with a frame around what the timeline shows large. */
export function overview(record: FaultRecord, probeIntervalMs: number, id: string): Markup {
  const view = wholeRecord(record);
  const answered = record.probes.filter(({ answer }) => answer === 'answered');
  const failed = record.probes.filter(({ answer }) => answer !== 'answered');
  const length = milliseconds(view.to);
  return html`<svg class="overview" role="img" aria-labelledby="${id}-whole" width="100%" height="42">
<title id="${id}-whole">The whole record of ${length}, with the part that is drawn large</title>
${stretched(18, 18, [
  svgPath('faint', strokes(beginnings(answered, view), 10, 18)),
  svgPath('failed', strokes(beginnings(failed, view), 0, 18)),
])}
${strokeDown(record.injectedAt, view, 'injected', 14, 40)}
${strokeDown(record.undoneAt, view, 'undone', 14, 40)}
${box(closeUp(record, probeIntervalMs), view, 'frame', 15, 24)}
<text class="note" x="0" y="10">Whole record</text><text class="note" x="100%" y="10" text-anchor="end">${length}</text>
</svg>`;
}
