import { expect } from 'vitest';
import { tenure } from '../../../playbooks/tenure.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { up } from '../../../src/engine/commands/up.js';
import type { PlaybookOf } from '../../../src/engine/prepare/prepare.js';
import type { Event } from '../../../src/engine/run/events.js';
import { sh } from '../../../src/remote/shell.js';
import type { Playbook, Stage } from '../../../src/resources/playbook.js';
import type { Change, Resource, Step } from '../../../src/resources/resource.js';
import { nodeOf, pair } from './clusters.js';
import { type Disturbance, ModelCluster, playbookFor, type Trial, trial } from './model/cluster.js';
import { enactStep, ledgerVerb } from './model/steps.js';

export const pairPlaybook = playbookFor(pair);

export function step(name: string, failures: Step['failures'] = {}): Step {
  return { script: sh`${name}`, failures };
}

export function change(name: string, more: Partial<Change> = {}): Change {
  return {
    resource: `thing:${name}`,
    action: 'update',
    summary: 'differs',
    interrupts: false,
    step: step(name),
    ...more,
  };
}

/** A resource that always has these changes left. */
export function resource(id: string, ...changes: readonly Change[]): Resource {
  return { id, facts: [], plan: () => changes };
}

export function stage(title: string, spread: Stage['spread'], ...resources: readonly Resource[]): Stage {
  return { title, spread, resources };
}

export function playbook(...stages: readonly Stage[]): Playbook {
  return stages;
}

export function ofKind<Name extends Event['event']>(
  events: readonly Event[],
  name: Name,
): readonly Extract<Event, { readonly event: Name }>[] {
  return events.filter((event): event is Extract<Event, { readonly event: Name }> => event.event === name);
}

/** A pair that was set up: node-101 holds the VIP unless told otherwise. */
export function convergedPair(holder = 'node-101', cluster: Cluster = pair): ModelCluster {
  const model = new ModelCluster(cluster);
  const first = [holder, ...model.hosts.keys()];
  for (const name of new Set(first)) {
    setUp(model, name);
    if (model.holders[0] !== holder) throw new Error(`${name} was not to hold the VIP`);
  }
  return model;
}

function setUp(model: ModelCluster, name: string): void {
  const node = nodeOf(model.cluster, name);
  const changes = playbookFor(model.cluster)(node).flatMap(({ resources }) =>
    resources.flatMap((each) => each.plan(model.observe(node))),
  );
  for (const { script } of new Set(changes.map((each) => each.step))) {
    const { exitCode, output } = enactStep(model.host(name), script.reveal());
    if (exitCode !== 0) throw new Error(`${name}: ${output}`);
  }
}

/** What was done to the ledgers, `<verb> <node>` each, in order; that the lease was renewed before each node is left out. */
export function ledgerSteps({ fake }: Trial): readonly string[] {
  return fake.steps.flatMap(({ node, script }) => {
    const verb = ledgerVerb(script);
    return verb === undefined || verb === 'renew' ? [] : [`${verb} ${node}`];
  });
}

/** The nodes whose lease was renewed, in order. */
export function renewals({ fake }: Trial): readonly string[] {
  return fake.steps.flatMap(({ node, script }) => (ledgerVerb(script) === 'renew' ? [node] : []));
}

export interface Attempt extends Trial {
  readonly error: unknown;
}

/** Runs `up`, and sees that no connection stays open, however it ends. */
export async function runUp(
  model: ModelCluster,
  disturbances: Readonly<Record<string, Disturbance>> = {},
  { allowOutage = false, limit, playbookOf = pairPlaybook, ...given }: UpGiven = {},
): Promise<Attempt> {
  const attempt = trial(model, disturbances, given);
  let error: unknown;
  try {
    await up(attempt.run, playbookOf, tenure, { allowOutage, limit });
  } catch (thrown) {
    error = thrown;
  }
  expect(attempt.fake.open()).toBe(0);
  return { ...attempt, error };
}

type UpGiven = { allowOutage?: boolean; limit?: readonly string[]; playbookOf?: PlaybookOf } & Parameters<
  typeof trial
>[2];

/** Something that both nodes lack, and that interrupts nothing. */
export function driftBoth(model: ModelCluster): void {
  for (const host of model.hosts.values()) host.sysctls.set('net.ipv4.ip_nonlocal_bind', '0');
}

/** Which nodes were changed, in the order in which it happened; their ledgers aside. */
export function touched({ fake }: Trial): readonly string[] {
  return [...new Set(fake.steps.flatMap(({ node, script }) => (ledgerVerb(script) === undefined ? [node] : [])))];
}

export function callsOf({ fake }: Trial, node: string): readonly string[] {
  return fake.calls.filter((call) => call.node === node).map(({ kind }) => kind);
}

export function outcomes({ journal }: Trial): Readonly<Record<string, string>> {
  return Object.fromEntries(journal.outcomes());
}

/** The number of the last confirmed run, as each host remembers it. */
export function generationIds(model: ModelCluster): readonly (number | undefined)[] {
  return [...model.hosts.values()].map(({ generation }) => {
    const [, id] = /^id=(\d+)$/m.exec(generation?.head ?? '') ?? [];
    return id === undefined ? undefined : Number(id);
  });
}
