import { paths } from '../../playbooks/paths.js';
import type { Cluster } from '../cluster/cluster.js';
import { status as lookOnce, type Wanted, watch } from '../engine/status.js';
import { exitCodes } from '../errors/deploy-error.js';
import { standing } from '../facts/standing.js';
import { type GlobalOptions, invoke } from './context.js';
import { runOverSsh } from './nodes.js';
import { wanted as playbookOf } from './wanted.js';

export interface StatusOptions extends GlobalOptions {
  readonly watch?: boolean;
  /** Milliseconds. */
  readonly interval: number;
}

export function status(options: StatusOptions): Promise<number> {
  if (!options.watch)
    return invoke('status', options, async (invocation) => {
      await lookOnce(runOverSsh(invocation), wanted(invocation.cluster));
      return exitCodes.ok;
    });
  // Where nothing can be drawn over, looks are for programs.
  const json = options.json === true || !process.stdout.isTTY;
  return invoke(
    'status',
    { ...options, json },
    async (invocation) => {
      const signal = AbortSignal.any([invocation.signal, readerGone()]);
      await watch({ ...runOverSsh(invocation), signal }, wanted(invocation.cluster), options.interval);
      return exitCodes.ok;
    },
    { isEndedByInterruption: true },
  );
}

const flags = { maintenance: paths.maintenanceFlag, standingBack: paths.standingBack };

/** Aborted when nobody reads any more (`| head`): a watch has no other end. */
function readerGone(): AbortSignal {
  const controller = new AbortController();
  process.stdout.once('error', () => controller.abort());
  return controller.signal;
}

function wanted(cluster: Cluster): Wanted {
  return { playbookOf: playbookOf(cluster), standing: standing(flags) };
}
