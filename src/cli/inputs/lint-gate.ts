import type { Cluster } from '../../cluster/cluster.js';
import type { Journal } from '../../engine/run/journal.js';
import { DeployError } from '../../errors/deploy-error.js';
import type { Observation } from '../../facts/observation.js';
import { readPair } from '../../lint/daemons/read-lint-input.js';
import type { Judgement, RuleFinding } from '../../lint/judgement.js';
import { idle, judge } from '../../lint/rules/judge.js';
import { filesOfCluster } from './lint-input.js';

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
 * @returns the same for what the hosts are, whose versions may make other files; it tells what it did not tell before
 * @throws DeployError HA_RULE_BROKEN
 */
export function refuseBrokenRules(cluster: Cluster, journal: Journal): JudgeHosts {
  const told = new Set<string>();
  const tell = (findings: readonly RuleFinding[]): void => {
    for (const finding of findings) {
      const { level, rule, message, fix, nodes } = finding;
      const text = `${rule}: ${message} (${nodes.join(', ')})`;
      if (told.has(text)) continue;
      told.add(text);
      if (level === 'error') journal.tell({ event: 'finding', ...finding });
      else journal.tell({ event: 'warning', message: text, hint: fix, rule });
    }
  };
  const { findings } = judgeCluster(cluster, journal);
  tell(findings.filter(counts));
  throwBroken(findings);
  return (hosts) => {
    const there = judge(readPair(filesOfCluster(cluster, hosts)), cluster.lint.ignore).findings.filter(counts);
    tell(there);
    const errors = there.filter(({ level }) => level === 'error');
    if (errors.length === 0) return;
    throw new DeployError('UNFIT_VERSIONS', `with the versions on the nodes ${notAvailable(errors)}`, {
      hint: 'Do what stands beside each, or bring the nodes to one release; docs/rules.md explains the rules.',
      problems: errors,
    });
  };
}

/** @throws DeployError UNFIT_VERSIONS */
export type JudgeHosts = (hosts: ReadonlyMap<string, Observation>) => void;

/** @throws DeployError HA_RULE_BROKEN where an error stands */
export function throwBroken(findings: readonly RuleFinding[]): void {
  const errors = findings.filter((finding) => finding.level === 'error' && counts(finding));
  if (errors.length === 0) return;
  throw new DeployError('HA_RULE_BROKEN', notAvailable(errors), {
    hint: 'Do what stands beside each; docs/rules.md explains them. What is meant so can be ignored by name.',
    problems: errors,
  });
}

function notAvailable(errors: readonly RuleFinding[]): string {
  return `this would not be highly available: ${[...new Set(errors.map(({ rule }) => rule))].join(', ')}`;
}

function counts({ ignored }: RuleFinding): boolean {
  return ignored === undefined;
}
