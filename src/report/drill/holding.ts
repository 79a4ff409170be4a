import type { HolderChange } from '../../drill/record.js';
import type { Span } from './judgement.js';

/** When a node held the VIP. What was first seen to end was held from the beginning. */
export function holding(node: string, changes: readonly HolderChange[], endedAt: number): Span[] {
  const own = changes.filter((change) => change.node === node);
  const spans: Span[] = [];
  let since = own[0]?.holds === false ? 0 : undefined;
  for (const { at, holds } of own) {
    if (holds) since ??= at;
    else if (since !== undefined) {
      spans.push({ from: since, to: at });
      since = undefined;
    }
  }
  return since === undefined ? spans : [...spans, { from: since, to: Math.max(since, endedAt) }];
}
