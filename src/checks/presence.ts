import { keepalivedProcess } from '../facts/keepalived.js';
import { ledger } from '../facts/ledger.js';
import type { Observation } from '../facts/observation.js';

/** Whether nothing of a cluster is on these nodes: `up` never ran, or `down` has. What would be missing there says nothing new. */
export function isNowhere(observations: readonly Observation[]): boolean {
  return observations.length > 0 && observations.every(isUntouched);
}

/** What there is to say of a cluster that is nowhere, and what to do. */
export function nowhere(name: string): { readonly message: string; readonly hint: string } {
  return { message: `nothing of ${name} is on its nodes`, hint: '`ha-deploy up` puts it there.' };
}

function isUntouched(host: Observation): boolean {
  const { generation, unfinished } = host.get(ledger);
  return generation === undefined && !unfinished && host.get(keepalivedProcess) === undefined;
}
