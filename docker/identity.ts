import type { LabNetwork } from './network.js';

/** What tells a host from the others of its lab. */
export interface HostIdentity {
  readonly name: string;
  /** Its IPv4 address. */
  readonly address: string;
  /** Its IPv6 address. */
  readonly address6: string;
}

/** The host `node-<number>`, with its number as the last part of its addresses. */
export function identityOf(number: number, { prefix, prefix6 }: LabNetwork): HostIdentity {
  return { name: `node-${number}`, address: `${prefix}.${number}`, address6: `${prefix6}::${number}` };
}

/** Written on a container, so that a lab that runs can be found again with all it is. */
export function labelsOf({ name, address, address6 }: HostIdentity): Record<string, string> {
  return { 'ha-deploy.host': name, 'ha-deploy.address': address, 'ha-deploy.address6': address6 };
}

/** The reverse of `labelsOf`. */
export function identityFrom(labels: Readonly<Record<string, string>>): HostIdentity {
  return {
    name: labels['ha-deploy.host'] ?? '',
    address: labels['ha-deploy.address'] ?? '',
    address6: labels['ha-deploy.address6'] ?? '',
  };
}
