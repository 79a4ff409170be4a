import type { KnownGeneration } from '../../engine/run/events.js';
import { printable } from '../layout/printable.js';
import type { StyledText } from '../layout/spans.js';
import type { Style } from '../layout/style.js';
import { tableLines } from '../layout/table.js';

/** What all nodes can go back to, a line each. */
export function generationsText(generations: readonly KnownGeneration[], { colors, columns }: Style): string {
  if (generations.length === 0) return 'There is no generation that all nodes have.';
  const titles = ['GENERATION', 'BEGUN AT', 'BY', 'CHANGED', 'WHY', ''];
  const rows = generations.map(({ id, at, by, did = '', note = '', current }): StyledText[] => [
    [String(id), colors.bold],
    [at],
    [printable(by)],
    [printable(did)],
    [printable(note)],
    [current ? 'the nodes are at it' : '', colors.green],
  ]);
  return tableLines([titles.map((title): StyledText => [title, colors.dim]), ...rows], columns).join('\n');
}
