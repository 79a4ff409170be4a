import type { FaultRecord } from '../../drill/probe/record.js';
import { type Answer, failures, type TimeSpan, tally } from '../drill/judgement.js';
import { printable } from '../layout/printable.js';
import { shortened } from '../layout/spans.js';
import { box, stretched, svgPath } from './drawing.js';
import { holding } from './holding.js';
import { html, type Markup } from './markup.js';
import { beginnings, boxes, columns, strokes, waits } from './strokes.js';

/** A strip of a timeline, under its label. */
export interface Lane {
  readonly label: string;
  /** What is to be seen beside the label, such as a number. */
  readonly note: string;
  readonly draw: (top: number) => Markup;
}

/** The height of what is drawn in a lane, in pixels. */
const laneHeight = 14;

/** Probes by their answer, each kind in a lane of its own, so that no answer hides another; then every node. */
export function lanesOf(record: FaultRecord, nodes: readonly string[], view: TimeSpan): Lane[] {
  const counts = tally(record.probes);
  const answers = (['answered', ...failures] as const).filter((answer) => answer === 'answered' || counts[answer] > 0);
  return [
    ...answers.map((answer) => probeLane(answer, counts[answer], record, view)),
    ...nodes.map((node) => nodeLane(node, record, view)),
  ];
}

const labels: Record<Answer, string> = {
  answered: 'Answered',
  refused: 'Refused',
  reset: 'Reset',
  silent: 'No answer',
};

function probeLane(answer: Answer, number: number, { probes }: FaultRecord, view: TimeSpan): Lane {
  const own = probes.filter((probe) => probe.answer === answer);
  const began = beginnings(own, view);
  const shown = own.filter(({ at }) => at >= view.from && at <= view.to).length;
  return {
    label: labels[answer],
    note: shown === number ? `${number}` : `${shown} of ${number}`,
    draw: (top) =>
      stretched(top, laneHeight, [
        svgPath(`wait ${answer}`, boxes(waits(own, view), 3, laneHeight - 3)),
        svgPath(`probe ${answer}`, strokes(began, 0, laneHeight)),
        svgPath('base', `M0 ${laneHeight}H${columns}`),
      ]),
  };
}

/** Of a node's name, so that it stays on a small screen. */
const nameColumns = 26;

function nodeLane(node: string, record: FaultRecord, view: TimeSpan): Lane {
  const spans = holding(node, record);
  return {
    label: shortened(printable(node), nameColumns),
    note: spans.length === 0 ? 'never held the VIP' : 'holds the VIP',
    draw: (top) => {
      const bars = spans.map((span) => box(span, view, 'holds', top + 2, laneHeight - 4));
      return html`${stretched(top, laneHeight, [svgPath('base', `M0 ${laneHeight / 2}H${columns}`)])}${bars}`;
    },
  };
}
