import type { FaultRecord } from '../../drill/probe/record.js';
import type { TimeSpan } from '../drill/judgement.js';

/** When a node held the VIP. The one that was hit held it from the beginning, unless it was seen to take it. */
export function holding(node: string, { from, holders, endedAt }: FaultRecord): TimeSpan[] {
  const own = holders.filter((change) => change.node === node);
  const spans: TimeSpan[] = [];
  let since = node === from && own[0]?.holds === false ? Math.min(0, own[0].at) : undefined;
  for (const { at, holds } of own) {
    if (holds) since ??= at;
    else if (since !== undefined) {
      spans.push({ from: since, to: at });
      since = undefined;
    }
  }
  return since === undefined ? spans : [...spans, { from: since, to: Math.max(since, endedAt) }];
}
