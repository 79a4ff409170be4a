import { sh } from '../src/remote/shell.js';
import type { Step } from '../src/resources/resource.js';
import { paths } from './paths.js';

/** What an operator would write by hand: keepalived watches the flag. */
export function maintenanceFlag(to: 'on' | 'off'): Step {
  return { script: sh`echo ${to === 'on' ? 1 : 0} > ${paths.maintenanceFlag}`, failures: {} };
}
