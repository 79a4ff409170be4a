import type { PlannedChange } from '../../engine/run/events.js';
import { printable } from '../layout/printable.js';
import type { Style } from '../layout/style.js';
import { count } from '../layout/wording.js';
import { changeText, consequence } from './change-text.js';
import { diffLines } from './diff-lines.js';

export interface ShownPlan {
  readonly node: string;
  readonly changes: readonly PlannedChange[];
}

/** What is left to do, node by node, with a footer that counts it. A diff that an earlier node has too is shown once. */
export function planText(plans: readonly ShownPlan[], style: Style): string {
  const shown = new Map<string, string>();
  const blocks = plans.map((plan) => nodeLines(plan, shown, style).join('\n'));
  return [...blocks, footer(plans)].join('\n\n');
}

function nodeLines({ node, changes }: ShownPlan, shown: Map<string, string>, style: Style): string[] {
  const { colors } = style;
  const total = changes.length === 0 ? 'no changes' : count(changes.length, 'change');
  const name = printable(node);
  return [
    `${colors.bold(name)}  ${total}`,
    ...changes.flatMap((change) => {
      const effect = consequence(change);
      return [
        `  ${changeText(change, style)}`,
        ...(effect === undefined ? [] : [`      ${colors.yellow(effect)}`]),
        ...diffOf(change, name, shown, style).map((line) => `      ${line}`),
      ];
    }),
  ];
}

function diffOf(change: PlannedChange, node: string, shown: Map<string, string>, style: Style): string[] {
  if (change.diff === undefined) return [];
  const key = `${change.resource}\n${change.diff}`;
  const first = shown.get(key);
  if (first !== undefined) return [style.colors.dim(`the same diff as on ${first}`)];
  shown.set(key, node);
  return diffLines(change.diff, style);
}

function footer(plans: readonly ShownPlan[]): string {
  const total = plans.reduce((sum, plan) => sum + plan.changes.length, 0);
  return total === 0 ? 'no changes' : `${count(plans.length, 'node')}, ${count(total, 'change')}`;
}
