import { familyOf } from '../cluster/address.js';
import type { Node } from '../cluster/cluster.js';
import { interfaces } from '../facts/addresses.js';
import type { Observation } from '../facts/observation.js';
import type { Agreement } from '../resources/playbook.js';
import type { Withdrawal } from '../resources/tenure.js';
import type { Prepared } from './prepare.js';
import type { Run } from './run.js';
import { release, standBack, type Usher } from './stand-back.js';

export interface Changes {
  readonly holder: () => Promise<void>;
  readonly others: () => Promise<void>;
  /** The names of the other nodes that are changed; the rest has what the holder gets. */
  readonly due: readonly string[];
}

/**
 * Changes what all nodes must have alike: the holder of the VIP first, while the other nodes stand back, as none of them may
 * take the adverts that it no longer understands for silence. Each of them takes part again when it has been changed itself.
 * @throws DeployError STEP_FAILED where a node does not stand back; what the changes throw
 */
export async function whileOthersStandBack(
  usher: Usher,
  agreement: Agreement,
  others: readonly Node[],
  changes: Changes,
): Promise<void> {
  const names = others.map(({ name }) => name);
  usher.run.journal.tell({
    event: 'waiting',
    what: `${names.join(', ')} to stand back: all must agree on what changes`,
  });
  try {
    await standBack(usher, agreement, names);
    await changes.holder();
  } catch (thrown) {
    // The holder is as it was, or serves no longer: the others may be needed. The next run tells whom this does not reach.
    await release(usher, agreement, names);
    throw thrown;
  }
  await release(
    usher,
    agreement,
    names.filter((name) => !changes.due.includes(name)),
  );
  // From here on, who is not changed is deaf to the holder, and stays back until a run changes it.
  await changes.others();
}

/** How the nodes would have to go back from this: together, where they must agree on what changes. */
export function withdrawalOf({ cluster }: Run, { plans, survey: { observations } }: Prepared): Withdrawal | undefined {
  const agreements = [...plans.values()].flatMap(({ stages }) => stages.flatMap(({ stage }) => stage.agreement ?? []));
  const agreement = agreements.find((each) => [...observations.values()].some((host) => each.differs(host)));
  if (agreement === undefined) return undefined;
  const { standBack: away, release: back } = agreement;
  const vips = [...cluster.vips.map(({ address }) => address), ...lone([...observations.values()])];
  return { standBack: away, release: back, vips: [...new Set(vips)] };
}

/** Addresses that come without a network, as keepalived adds them: VIPs that the configuration may not name any more. */
function lone(hosts: readonly Observation[]): readonly string[] {
  const found = hosts.flatMap((host) => host.get(interfaces).filter(({ name }) => name !== 'lo'));
  return found.flatMap(({ addresses }) =>
    addresses.flatMap(({ address, prefix }) => (prefix === (familyOf(address) === 6 ? 128 : 32) ? [address] : [])),
  );
}
