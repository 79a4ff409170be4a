import { DeployError } from '../../errors/deploy-error.js';
import type { ConnectionCapacity } from '../../remote/runner.js';
import { mostAtOnce } from '../probe/prober.js';

/** Of this process, beside the idle connections and the probes: files that it opens, and ports of others. */
const spare = 100;

/** Idle connections that fill a service: a bit more than its limit, so that some wait in the queue as clients would. */
export function crowdFor(limit: number): number {
  return limit + Math.min(500, Math.max(10, Math.ceil(limit / 20)));
}

/**
 * Refuses to fill a service that this machine cannot fill, before anything is opened.
 * @param room undefined where it is not known
 * @throws DeployError DRILL_IMPOSSIBLE
 */
export function refuseIfCramped(service: string, limit: number, room: ConnectionCapacity | undefined): void {
  const needed = crowdFor(limit) + mostAtOnce + spare;
  const cannot = (why: string, hint: string): DeployError =>
    new DeployError('DRILL_IMPOSSIBLE', `${service} cannot be filled from this machine: ${why}`, { hint });
  if (room === undefined)
    throw cannot('it does not say how many connections it may open', 'Run saturate from a Linux machine.');
  const takes = `it takes ${needed} connections, probes included`;
  if (room.files.left < needed)
    throw cannot(
      `${takes}, and this process may open ${room.files.left} more files (its limit is ${room.files.limit})`,
      `Raise the limit to ${room.files.limit - room.files.left + needed} with \`ulimit -n\`, or run saturate from another machine.`,
    );
  if (room.ports < needed)
    throw cannot(
      `${takes}, and net.ipv4.ip_local_port_range has ${room.ports} ports`,
      'Widen net.ipv4.ip_local_port_range, or run saturate from another machine.',
    );
}
