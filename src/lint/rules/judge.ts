import type { Pair } from '../daemons/lint-input.js';
import type { Found, Judgement, RuleFinding } from '../judgement.js';
import { simulate } from '../simulate/simulate.js';
import { rules } from './index.js';

/** Rules that are broken on purpose: rule id to the operator's reason. */
export type Ignored = ReadonlyMap<string, string>;

/** What all rules have to say of a pair, errors first. */
export function judge(pair: Pair, ignored: Ignored = new Map()): Judgement {
  const findings = rules.flatMap(({ id, level, check }) => {
    const reason = ignored.get(id);
    return together(check(pair), pair).map(
      (found): RuleFinding => ({ rule: id, level, ...found, ...(reason !== undefined && { ignored: reason }) }),
    );
  });
  return { findings: findings.toSorted(byLevel), failover: simulate(pair) };
}

/** Ignored rules that nothing breaks. */
export function idle({ findings }: Judgement, ignored: Ignored): string[] {
  return [...ignored.keys()].filter((id) => findings.every(({ rule }) => rule !== id));
}

/** The same in the files of several nodes is said once. */
function together(all: readonly Found[], { nodes }: Pair): Found[] {
  const groups = new Map<string, Found[]>();
  for (const found of all) {
    const key = JSON.stringify([found.message, found.fix]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [found]);
    else group.push(found);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const concerned = new Set(group.flatMap((found) => found.nodes));
    const names = nodes.map(({ name }) => name).filter((name) => concerned.has(name));
    return first === undefined ? [] : [{ ...first, nodes: names }];
  });
}

function byLevel(one: RuleFinding, other: RuleFinding): number {
  return Number(one.level === 'warning') - Number(other.level === 'warning');
}
