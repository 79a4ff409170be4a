import type { Result, StatusResult } from '../../engine/run/events.js';
import { printable } from '../layout/printable.js';
import type { Style } from '../layout/style.js';
import { markOf } from '../run/mark-of.js';
import { type End, endOf, type NodeProgress, type Progress } from '../run/progress.js';
import { nodeTitle, stepLines } from './node-view.js';

/** More nodes than this, and only those that failed show their steps. */
const fewNodes = 4;

/** What became of every node, step by step: stays on the terminal when the drawing is over. */
export function accountText({ nodes, now }: Progress, result: Result | StatusResult | undefined, style: Style): string {
  const all = [...nodes.values()].filter(({ phase }) => phase !== 'unseen');
  const nameWidth = Math.max(...all.map(({ node }) => printable(node).length));
  return all
    .flatMap((node) => {
      const end = finalEnd(node, result);
      const isWhole = style.verbose || all.length <= fewNodes || end === 'failed';
      const room = { columns: style.columns - 3, lines: isWhole ? Infinity : 0, now: now() };
      return [
        `${markOf(end, style)} ${nodeTitle(node, nameWidth, room, style)}`,
        ...stepLines(node, room, style).map((line) => `  ${line}`),
      ];
    })
    .join('\n');
}

/** A node of which no end was told ends as the run did. */
function finalEnd(node: NodeProgress, result: Result | StatusResult | undefined): End {
  if (node.outcome !== undefined) return endOf(node);
  if (result?.error?.node === node.node) return 'failed';
  return node.phase === 'observed' || node.phase === 'planned' ? endOf(node) : 'left';
}
