import { interfaces } from '../facts/addresses.js';
import { keepalivedProcess } from '../facts/keepalived.js';
import { allOrFirst } from './all.js';
import type { Runners } from './nodes.js';
import { observe } from './observe.js';
import { rollOrder } from './roll.js';
import type { Run } from './run.js';

/** Whose keepalived holds the VIP now, or would be the last to be touched. */
export async function holderNow(run: Run, runners: Runners): Promise<string | undefined> {
  const hosts = await allOrFirst(
    run,
    run.cluster.nodes.map(({ name }) => observe(run, runners.get(name), [interfaces, keepalivedProcess])),
  );
  return rollOrder(run.cluster, hosts).at(-1)?.name;
}
