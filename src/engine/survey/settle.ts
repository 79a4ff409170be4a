import type { Finding } from '../../checks/status/finding.js';
import type { Verification } from '../../checks/status/verify.js';
import { DeployError } from '../../errors/deploy-error.js';
import type { Run } from '../run/run.js';

/** Milliseconds that a cluster may take to serve after a change: ARP and HAProxy's first health checks are over by then, and so is an election: it takes less than four adverts. */
export function settlePatience({ cluster }: Run): number {
  return 10_000 + 5 * cluster.vrrp.advertIntervalMs;
}

/**
 * Milliseconds. HAProxy takes a server for up until it has asked it: soon, as `fastinter` says, and for up to `timeout check`, 2 s. Who
 * has just added a service wants to know whether it has servers.
 */
const checksPatience = 5000;

const pause = 200;

type Look = () => Promise<Verification>;

/**
 * A look after something was changed: a VIP that has just moved may be silent for a moment where a neighbour table is old, and
 * that is told from having no way to it by asking twice more.
 */
export async function lookAfterwards(look: Look): Promise<Verification> {
  let found = await look();
  for (let left = 2; left > 0 && isDoubtful(found); left -= 1) found = await look();
  return found;
}

function isDoubtful({ problems, services }: Verification): boolean {
  return problems.length === 0 && services.some(({ reachable }) => reachable === null);
}

/**
 * Says what a look at the cluster found; given `again`, looks until all is well or the patience is over.
 * @param closer a look that takes longer and says more of a split brain: taken where there is one
 * @returns how it is, for {@link refuseDown}
 * @throws DeployError VERIFY_FAILED where a run may have to be undone for it; INTERRUPTED
 */
export async function settle(run: Run, first: Verification, closer: Look, again?: Look): Promise<Verification> {
  const beganAt = run.clock.now();
  const isUnsettled = ({ problems, services }: Verification): boolean => {
    const waited = run.clock.now() - beganAt;
    if (problems.length > 0) return waited < settlePatience(run);
    return services.some(({ backends }) => (backends.unchecked ?? 0) > 0) && waited < checksPatience;
  };
  let verification = first;
  if (again !== undefined && isUnsettled(verification)) {
    run.journal.tell({ event: 'waiting', what: 'the cluster to settle' });
    while (isUnsettled(verification)) {
      await run.clock.sleep(pause, run.signal);
      verification = await again();
    }
  }
  if (isSplit(verification)) verification = await closer();
  const { aside = [], ...seen } = verification;
  const [down, degraded] = [aside.filter(isDown), aside.filter((finding) => !isDown(finding))];
  run.journal.verified({
    ...seen,
    problems: [...seen.problems, ...down.map(({ message }) => message)],
    warnings: [...seen.warnings, ...degraded.map(({ message }) => message)],
  });
  const [problem, ...others] = verification.problems;
  if (problem === undefined) return verification;
  throw new DeployError('VERIFY_FAILED', [problem, ...others].join('; '), {
    hint: verification.remedies?.join(' ') ?? elsewhere,
  });
}

/**
 * For the end of a run, when nothing is undone any more: a service that serves nobody is no success, whoever is to blame.
 * @throws DeployError VERIFY_FAILED
 */
export function refuseDown({ aside = [] }: Verification): void {
  const down = aside.filter(isDown);
  if (down.length === 0) return;
  throw new DeployError('VERIFY_FAILED', down.map(({ message }) => message).join('; '), {
    hint: [...new Set(down.flatMap(({ hint }) => hint ?? [])), 'What this run has changed stays.'].join(' '),
  });
}

function isDown({ code }: Finding): boolean {
  return code === 'CLUSTER_DOWN';
}

const elsewhere =
  '`ha-deploy plan` shows what `ha-deploy up` would repair, and `ha-deploy status` whether a node is in maintenance. Else look at `journalctl -u keepalived -u haproxy` on the nodes; a firewall must let VRRP (IP protocol 112) pass between them, and hosts that stall want `vrrp.profile: relaxed`.';

function isSplit({ vips }: Verification): boolean {
  return vips.some(({ holders }) => holders.length > 1);
}
