import { onInstances, type Rule } from './rule.js';

export const masterUndoesNopreempt: Rule = {
  id: 'HA006',
  title: 'state BACKUP beside nopreempt and preempt_delay',
  level: 'warning',
  reason:
    'state MASTER undoes both: the node takes the VIP back as soon as it returns, and cuts every connection once more.',
  source: 'keepalived.conf(5), "nopreempt": the initial state must not be MASTER',
  check: onInstances(({ state, nopreempt, preemptDelayMs }) => {
    const undone = nopreempt === undefined ? preemptDelayMs && 'preempt_delay' : 'nopreempt';
    if (state?.value !== 'MASTER' || undone === undefined) return [];
    return [{ line: state.line, message: `state MASTER undoes ${undone}`, fix: 'Write state BACKUP on every node.' }];
  }),
};
