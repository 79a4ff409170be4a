import { createHash } from 'node:crypto';
import { type NodePlan, planNode } from '../../../../src/engine/plan/node-plan.js';
import type { Digest } from '../../../../src/engine/saved-plan/digest.js';
import type { Making } from '../../../../src/engine/saved-plan/saved-plan.js';
import { pair } from '../clusters.js';
import type { ModelCluster } from '../model/cluster.js';
import { pairPlaybook } from '../support.js';

export const making: Making = { version: '0.1.0', madeAt: '2026-11-23T02:00:00.000Z', salt: '0'.repeat(32) };

/** What is left on every node of the model, as it is now. */
export function plansOf(model: ModelCluster): ReadonlyMap<string, NodePlan> {
  return new Map(pair.nodes.map((node) => [node.name, planNode(pairPlaybook(node), model.observe(node))]));
}

/** For tests that make many plans: what makes guessing slow makes them slow too. */
export const quickDigest: Digest = (content) => createHash('md5').update(content.reveal()).digest('hex');
