import { inPerl } from '../../remote/perl.js';
import type { Fact } from '../fact.js';

/** Whether the host has a user account of this name. */
export function account(name: string): Fact<boolean> {
  return {
    id: `account:${name}`,
    ...inPerl('defined getpwnam $ARGV[0] or die', [name]),
    parse: ({ exitCode }) => exitCode === 0,
  };
}
