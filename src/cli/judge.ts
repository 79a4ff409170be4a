import type { Cluster } from '../cluster/cluster.js';
import type { Journal } from '../engine/journal.js';
import { DeployError } from '../errors/deploy-error.js';
import { idle, judge } from '../lint/judge.js';
import type { Finding, Judgement } from '../lint/judgement.js';
import { readPair } from '../lint/read-pair.js';
import { filesOfCluster } from './pair.js';

/** What the HA rules say of what a cluster's nodes would be given; an ignored rule that nothing breaks is told. */
export function judgeCluster(cluster: Cluster, journal: Journal): Judgement {
  const { ignore } = cluster.lint;
  const judgement = judge(readPair(filesOfCluster(cluster)), ignore);
  for (const rule of idle(judgement, ignore)) {
    const message = `lint.ignore names ${rule}, which nothing breaks`;
    journal.tell({ event: 'warning', message, hint: 'Remove it, so that the rule counts again.', rule });
  }
  return judgement;
}

/**
 * Before a node is contacted: tells what warns, and ends the run where a rule does not allow it.
 * @throws DeployError HA_RULE_BROKEN
 */
export function refuseBrokenRules(cluster: Cluster, journal: Journal): void {
  const { findings } = judgeCluster(cluster, journal);
  for (const finding of findings.filter(counts)) {
    const { level, rule, message, fix, nodes } = finding;
    if (level === 'error') journal.tell({ event: 'finding', ...finding });
    else journal.tell({ event: 'warning', message: `${rule}: ${message} (${nodes.join(', ')})`, hint: fix, rule });
  }
  throwBroken(findings);
}

/** @throws DeployError HA_RULE_BROKEN where an error stands */
export function throwBroken(findings: readonly Finding[]): void {
  const errors = findings.filter((finding) => finding.level === 'error' && counts(finding));
  if (errors.length === 0) return;
  const ids = [...new Set(errors.map(({ rule }) => rule))].join(', ');
  throw new DeployError('HA_RULE_BROKEN', `this would not be highly available: ${ids}`, {
    hint: 'Do what stands beside each; docs/rules.md explains them. What is meant so can be ignored by name.',
    problems: errors,
  });
}

function counts({ ignored }: Finding): boolean {
  return ignored === undefined;
}
