import type { Draft } from '../expand/draft.js';
import type { ConfigFinding } from '../problems/finding.js';
import { connectionFindings } from './connections.js';
import { nodeConfigFindings } from './nodes.js';
import { serviceConfigFindings } from './services.js';
import { vipConfigFindings } from './vips.js';
import { vrrpConfigFindings } from './vrrp.js';

/** What is wrong between parts that are each right by themselves. */
export function crossFindings(draft: Draft): ConfigFinding[] {
  return [
    ...vipConfigFindings(draft),
    ...nodeConfigFindings(draft),
    ...vrrpConfigFindings(draft),
    ...serviceConfigFindings(draft),
    ...connectionFindings(draft),
  ];
}
