import { asDeployError, type DeployError } from '../errors/deploy-error.js';
import type { Run } from './run.js';

/**
 * Waits for all of them, so that nothing goes on behind a failed run.
 * @throws DeployError of the first that failed; the others are told as warnings
 */
export async function allOrFirst<T>(run: Run, tasks: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(tasks);
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [asDeployError(end.reason)] : []));
  const [first, ...others] = failures;
  if (first !== undefined) {
    for (const other of others) tellWarning(run, other);
    throw first;
  }
  return ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
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
