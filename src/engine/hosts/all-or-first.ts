import { asDeployError, DeployError } from '../../errors/deploy-error.js';
import type { Run } from '../run/run.js';

/**
 * Waits for all of them, so that nothing goes on behind a failed run.
 * @throws DeployError of the first that failed; the others are told as warnings, or, where they say the same of other nodes, with it
 */
export async function allOrFirst<T>(run: Run, tasks: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(tasks);
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [asDeployError(end.reason)] : []));
  const [first, ...others] = failures;
  if (first !== undefined) {
    const same = others.filter((other) => isSame(first, other));
    for (const other of others) if (!same.includes(other)) tellWarning(run, other);
    throw withNodes(first, same);
  }
  return ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
}

/** Whether both say the same of two nodes. */
function isSame(one: DeployError, other: DeployError): boolean {
  const [here, there] = [one.details.node, other.details.node];
  if (here === undefined || there === undefined || here === there || one.code !== other.code) return false;
  return other.message.replaceAll(there, here) === one.message;
}

function withNodes(error: DeployError, same: readonly DeployError[]): DeployError {
  if (same.length === 0) return error;
  const names = same.map(({ details }) => details.node).join(', ');
  return new DeployError(error.code, `${error.message}; the same on ${names}`, error.details);
}

/** A failure beside the one that ends the run. */
export function tellWarning(run: Run, { message, details: { node, hint } }: DeployError): void {
  run.journal.tell({
    event: 'warning',
    message,
    ...(node !== undefined && { node }),
    ...(hint !== undefined && { hint }),
  });
}
