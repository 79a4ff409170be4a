import { sh } from '../remote/shell.js';
import type { Fact } from './fact.js';

/**
 * Whether what a node was before the first run had a keepalived, enabled and running, as its ledger remembers: without one nothing could hold
 * the VIP when it goes back there. True where there is nothing to remember.
 */
export const keptKeepalived: Fact<boolean> = {
  id: 'kept-keepalived',
  command: sh`grep -qxF 'unit keepalived.service enabled active' /var/lib/ha-deploy/generations/0/manifest`,
  // 1 is "no such line", 2 "no such file": grep(1).
  parse: ({ exitCode }) => exitCode !== 1,
};
