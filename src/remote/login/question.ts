import type { Secret } from '../../cluster/secret.js';

/**
 * Asks the operator for something that nobody else may see.
 * @param memory `remember` for what is asked once a run, `forget` for what may be another thing the next time
 * @throws DeployError INTERRUPTED, USAGE where nothing was typed
 */
export type Ask = (question: string, memory: 'remember' | 'forget') => Promise<Secret>;
