import { keepalivedProcess } from '../../facts/keepalived/keepalived.js';
import { interfaces } from '../../facts/network/interfaces.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import { observe } from '../hosts/observe.js';
import type { Runners } from '../hosts/runners.js';
import { rollOrder } from '../plan/rollout-order.js';
import type { Run } from '../run/run.js';

/** Whose keepalived holds the VIP now, or would be the last to be touched. */
export async function holderNow(run: Run, runners: Runners): Promise<string | undefined> {
  const hosts = await allOrFirst(
    run,
    run.cluster.nodes.map(({ name }) => observe(run, runners.get(name), [interfaces, keepalivedProcess])),
  );
  return rollOrder(run.cluster, hosts).at(-1)?.name;
}
