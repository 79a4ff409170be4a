import { sh } from '../remote/shell.js';
import type { Fact } from './fact.js';

/** Whether the host has a user account of this name. */
export function account(name: string): Fact<boolean> {
  return {
    id: `account:${name}`,
    command: sh`getent passwd ${name}`,
    parse: ({ exitCode }) => exitCode === 0,
  };
}
