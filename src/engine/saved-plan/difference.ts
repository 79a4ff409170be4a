import type { Cluster } from '../../cluster/cluster.js';
import type { NodePlan } from '../plan/node-plan.js';
import { digestWith } from './digest.js';
import { type SavedChange, type SavedNode, type SavedPlan, savedPlan } from './saved-plan.js';

/** Something that is not as it was when a plan was made. */
export interface Difference {
  /** Without one it is the configuration. */
  readonly node?: string;
  /** `<kind>:<id>`. */
  readonly resource?: string;
  /** What was planned, in a few words. */
  readonly planned: string;
  /** What is there to do now. */
  readonly now: string;
  /** What would be changed now, where that can be shown and is not what was planned. */
  readonly diff?: string;
}

/**
 * What is not as it was when a plan was saved: the configuration, what a node needs, or what stands where something would be
 * replaced. Pure, and without a word on what no change goes by: processes, times, who holds a VIP.
 * @param plans made from what was observed just now
 */
export function differencesFrom(
  planned: SavedPlan,
  cluster: Cluster,
  plans: ReadonlyMap<string, NodePlan>,
  digest = digestWith(planned.salt),
): readonly Difference[] {
  const { version, madeAt, salt } = planned;
  // Under the same key, what is the same has the same digests.
  return betweenPlans(planned, savedPlan(cluster, plans, { version, madeAt, salt }, digest));
}

function betweenPlans(planned: SavedPlan, now: SavedPlan): readonly Difference[] {
  const names = new Set([...planned.nodes, ...now.nodes].map(({ node }) => node));
  return [
    ...(planned.wanted === now.wanted
      ? []
      : [{ planned: 'the configuration as it was then', now: 'another configuration' }]),
    ...[...names].flatMap((name) => onNode(name, nodeIn(planned, name), nodeIn(now, name))),
  ];
}

function nodeIn({ nodes }: SavedPlan, name: string): SavedNode | undefined {
  return nodes.find(({ node }) => node === name);
}

function onNode(node: string, planned: SavedNode | undefined, now: SavedNode | undefined): readonly Difference[] {
  if (planned === undefined) return [{ node, planned: 'no such node', now: 'a node of the cluster' }];
  if (now === undefined) return [{ node, planned: 'a node of the cluster', now: 'no such node' }];
  const loneNow = loneResources(now);
  const lone = new Set(loneResources(planned).filter((id) => loneNow.includes(id)));
  const [before, after] = [byName(planned.changes, lone), byName(now.changes, lone)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const differences = names.flatMap((name) => {
    const difference = betweenChanges(before.get(name), after.get(name));
    return difference === undefined ? [] : [{ node, ...difference }];
  });
  if (differences.length > 0) return differences;
  // What is done is the same: only its order can differ.
  const order = [...before.keys()];
  const moved = [...after].find(([name], index) => name !== order[index])?.[1];
  return moved === undefined
    ? []
    : [{ node, resource: moved.resource, planned: 'the same changes in another order', now: said(moved) }];
}

/** Those that have one change: whatever it is, it is the same one that became another. */
function loneResources({ changes }: SavedNode): readonly string[] {
  const ids = changes.map(({ resource }) => resource);
  return ids.filter((id) => ids.indexOf(id) === ids.lastIndexOf(id));
}

/** A resource may have several changes, even of one kind: a unit is unmasked and enabled. */
function byName(changes: readonly SavedChange[], lone: ReadonlySet<string>): ReadonlyMap<string, SavedChange> {
  const counts = new Map<string, number>();
  return new Map(
    changes.map((change): [string, SavedChange] => {
      if (lone.has(change.resource)) return [change.resource, change];
      const key = `${change.action} ${change.resource}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return [`${key} ${count}`, change];
    }),
  );
}

function betweenChanges(
  planned: SavedChange | undefined,
  now: SavedChange | undefined,
): Omit<Difference, 'node'> | undefined {
  const resource = planned?.resource ?? now?.resource ?? '';
  const nothing = 'nothing to do';
  if (planned === undefined || now === undefined)
    return {
      resource,
      planned: planned === undefined ? nothing : said(planned),
      now: now === undefined ? nothing : said(now),
      ...(now?.diff !== undefined && { diff: now.diff }),
    };
  const word = said(now);
  const diff = now.diff === undefined || now.diff === planned.diff ? {} : { diff: now.diff };
  if (said(planned) !== word) return { resource, planned: said(planned), now: word, ...diff };
  if (planned.diff !== now.diff) return { resource, planned: word, now: `${word}, but not this any more`, ...diff };
  if (planned.replaces !== now.replaces)
    return { resource, planned: word, now: `${word}, in place of something else than was found then` };
  if (planned.step !== now.step)
    return { resource, planned: word, now: `${word}, with another secret or by another version of ha-deploy` };
  return undefined;
}

function said({ action, summary }: SavedChange): string {
  return `${action}: ${summary}`;
}
