import type { Node } from '../../cluster/cluster.js';
import { ledger } from '../../facts/ledger/ledger.js';
import type { Agreement } from '../../resources/playbook.js';
import { standBack, takePart, type Usher } from '../lease/cordon.js';
import type { Prepared } from '../prepare/prepare.js';

export interface Changes {
  readonly holder: () => Promise<void>;
  readonly others: () => Promise<void>;
  /** The names of the other nodes that are changed; the rest has what the holder gets. */
  readonly due: readonly string[];
}

/**
 * Changes what all nodes must have alike: the holder of the VIP first, while the other nodes stand back: a backup that does not
 * understand the new adverts would think that the holder is gone. Each of them takes part again when it has been changed itself. Where
 * this fails they go on standing back: whoever undoes it lets them take part.
 * @throws DeployError STEP_FAILED where a node does not stand back; what the changes throw
 */
export async function whileOthersStandBack(
  usher: Usher,
  { terms }: Agreement,
  others: readonly Node[],
  changes: Changes,
): Promise<void> {
  const names = others.map(({ name }) => name);
  usher.run.journal.tell({
    event: 'waiting',
    what: `${names.join(', ')} to stand back: all must agree on what changes`,
  });
  await standBack(usher, names);
  await changes.holder();
  await takePart(
    usher,
    names.filter((name) => !changes.due.includes(name)),
    terms,
  );
  // From here on a node that is not changed cannot understand the holder. If this fails, `revert` brings all of them back.
  await changes.others();
}

/**
 * The agreement that these plans change on a node, or that a lost run has changed, which is this run's to finish: then all nodes would have
 * to go back together.
 */
export function changedAgreement({ plans, survey: { observations } }: Prepared): Agreement | undefined {
  const agreements = [...plans.values()].flatMap(({ stages }) => stages.flatMap(({ stage }) => stage.agreement ?? []));
  const hosts = [...observations.values()];
  const isAdopted = hosts.some((host) => host.get(ledger).together);
  return agreements.find((each) => isAdopted || hosts.some((host) => each.differs(host)));
}
