import type { Draft } from '../expand/draft.js';
import type { Finding } from '../problems/finding.js';
import { connectionFindings } from './connections.js';
import { nodeFindings } from './nodes.js';
import { serviceFindings } from './services.js';
import { vipFindings } from './vips.js';
import { vrrpFindings } from './vrrp.js';

/** What is wrong between parts that are each right by themselves. */
export function crossFindings(draft: Draft): Finding[] {
  return [
    ...vipFindings(draft),
    ...nodeFindings(draft),
    ...vrrpFindings(draft),
    ...serviceFindings(draft),
    ...connectionFindings(draft),
  ];
}
