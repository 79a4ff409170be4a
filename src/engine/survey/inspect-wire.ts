import { carrierOf } from '../../checks/preflight.js';
import { checkWire } from '../../checks/vrrp/refuse-wire.js';
import { type Hearings, wirePart } from '../../checks/vrrp/wire.js';
import type { Hearing } from '../../checks/vrrp/wire-probe.js';
import type { Node } from '../../cluster/cluster.js';
import type { Fact } from '../../facts/fact.js';
import type { Observation } from '../../facts/observation.js';
import type { Playbook } from '../../resources/playbook.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import { observe } from '../hosts/observe.js';
import type { Connected } from '../hosts/runners.js';
import type { Run } from '../run/run.js';

/**
 * Refuses a wire on which the nodes would not elect one holder, where one of them is about to take part in an election that
 * it takes no part in now: only then can anything new happen there.
 * @throws DeployError VRID_TAKEN, VRRP_BLOCKED
 */
export async function inspectWire(
  run: Run,
  runners: Connected,
  playbookOf: (node: Node) => Playbook,
  observations: ReadonlyMap<string, Observation>,
): Promise<void> {
  const joins = (node: Node): boolean => {
    const host = observations.get(node.name);
    return playbookOf(node).some(({ agreement }) => host !== undefined && agreement?.runs(host) === false);
  };
  if (!run.cluster.nodes.some(joins)) return;
  checkWire(run.cluster, [...observations.values()], await listen(run, runners, observations));
}

/** Asks all nodes at the same time what they hear of each other and of everybody else, each in one exec. */
export async function listen(
  run: Run,
  runners: Connected,
  observations: ReadonlyMap<string, Observation>,
): Promise<Hearings> {
  const { cluster, token } = run;
  run.journal.tell({ event: 'waiting', what: 'the nodes to hear each other, and who else sends VRRP' });
  const answers = await allOrFirst(
    run,
    cluster.nodes.flatMap((node) => {
      const host = observations.get(node.name);
      return host === undefined
        ? []
        : [hearingOf(run, runners, wirePart(cluster, node, carrierOf(node, host), token), node)];
    }),
  );
  return new Map(answers);
}

async function hearingOf(run: Run, runners: Connected, part: Fact<Hearing>, node: Node): Promise<[string, Hearing]> {
  return [node.name, (await observe(run, runners.get(node.name), [part])).get(part)];
}
