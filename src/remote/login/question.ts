import type { Secret } from '../../cluster/secret.js';

/**
 * Asks the operator for something that nobody else may see; the same question is asked once a run.
 * @throws DeployError INTERRUPTED
 */
export type Ask = (question: string) => Promise<Secret>;
