import type { Secret } from '../../cluster/secrets/secret.js';

/**
 * Asks the operator for something that nobody else may see.
 * @param memory `remember` for what is asked once a run, `forget` for what may be another thing the next time
 * @param signal aborts when the answer is of no use any more: the question is withdrawn
 * @throws DeployError INTERRUPTED, USAGE where nothing was typed
 */
export type Ask = (question: string, memory: 'remember' | 'forget', signal: AbortSignal) => Promise<Secret>;
