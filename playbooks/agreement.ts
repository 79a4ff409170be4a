import { createHash } from 'node:crypto';
import type { Cluster } from '../src/cluster/cluster.js';
import { slowKey } from '../src/cluster/secrets/slow-key.js';
import { file } from '../src/facts/host/file.js';
import { agreementShown, keepalivedProcess } from '../src/facts/keepalived/keepalived.js';
import type { Observation } from '../src/facts/observation.js';
import { type Shell, sh } from '../src/remote/shell.js';
import { replaced } from '../src/resources/kinds/replaced.js';
import type { Agreement } from '../src/resources/playbook.js';
import type { Resource } from '../src/resources/resource.js';
import { paths } from './paths.js';

/**
 * What all nodes must have alike: a node drops the adverts of one that has it otherwise, takes the other for dead, and both
 * hold the VIP.
 */
export function agreement(cluster: Cluster): Agreement {
  const wanted = agreementOf(cluster);
  const shownBy = (host: Observation): string | undefined => {
    const running = host.get(keepalivedProcess);
    return running && agreementShown(running);
  };
  return {
    facts: [keepalivedProcess],
    runs: (host) => shownBy(host) === wanted,
    differs(host) {
      const shown = shownBy(host);
      // What was not rendered by us does not look at our flags: it cannot be told to stand back.
      return shown !== undefined && shown !== wanted;
    },
    terms: wanted,
    advertIntervalMs: cluster.vrrp.advertIntervalMs,
  };
}

/** 8 hexadecimal digits that name it, shown by the running daemon as a part of its router id. */
export function agreementOf({ vrrp, instances, nodes }: Cluster): string {
  const parts = {
    version: vrrp.version,
    advertIntervalMs: vrrp.advertIntervalMs,
    peering: vrrp.peering,
    nodes: nodes
      .flatMap(({ address, otherAddress }) => [address, ...(otherAddress === undefined ? [] : [otherAddress])])
      .toSorted(),
    instances: instances.map(({ routerId, vips }) => [routerId, vips.map(({ address }) => address).toSorted()]),
    auth: vrrp.auth && [vrrp.auth.type, slowKey(vrrp.auth.password.reveal(), 'agreement').toString('hex')],
  };
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}

/** Lets a node take part again that some run has made stand back, as soon as it may on these terms. */
export function takePartOn(terms: string): Shell {
  return sh`if [ -e ${paths.standingBack} ]; then sh ${paths.ledger} take_part - ${terms}; fi\n`;
}

/** What a lost run leaves; it comes after the service, which takes part again when it runs what is wanted. */
export function noStandingBack(cluster: Cluster): Resource {
  const mark = file(paths.standingBack);
  return {
    id: `flag:${paths.standingBack}`,
    facts: [mark],
    plan: (host) =>
      host.get(mark).type === 'absent'
        ? []
        : [
            {
              resource: `flag:${paths.standingBack}`,
              action: 'remove',
              summary: 'a run was lost while this node stood back',
              replaces: replaced(host.get(mark)),
              interrupts: false,
              step: { script: takePartOn(agreementOf(cluster)), failures: {} },
            },
          ],
  };
}
