import { endpoint, familyOf } from '../cluster/address.js';
import { DeployError } from '../errors/deploy-error.js';
import { type Listener, type ListeningProcess, listeners } from '../facts/listeners.js';
import type { Requirement } from './resource.js';

export interface Bind {
  readonly address: string;
  readonly port: number;
}

/**
 * That nobody else listens where a service is about to, which neither its checker nor its reload would tell in words: an API server
 * on all addresses of a node leaves no room for the same port of a VIP.
 * Of a socket whose process the host does not show nothing is said: in a container even root does not see HAProxy's.
 * @param unit whose own sockets are in nobody's way
 */
export function freePorts(unit: string, binds: readonly Bind[]): Requirement {
  return {
    facts: [listeners],
    check(host) {
      const taken = binds.flatMap((bind) =>
        host.get(listeners).flatMap((listener) => {
          const stranger = listener.processes.find((process) => process.unit !== unit);
          return stranger !== undefined && excludes(listener, bind) ? [sayTaken(bind, listener, stranger)] : [];
        }),
      );
      if (taken.length === 0) return;
      throw new DeployError('PORT_TAKEN', `on ${host.node} ${unit} cannot listen on ${taken.join(', ')}`, {
        node: host.node,
        hint: 'Choose another port, or let that program listen on an address of its own only, then run again.',
      });
    },
  };
}

/** Whether the kernel refuses the one where the other is: bind(2), EADDRINUSE. */
function excludes(listener: Listener, { address, port }: Bind): boolean {
  if (listener.port !== port) return false;
  const wildcard = familyOf(address) === 6 ? '::' : '0.0.0.0';
  return [address, wildcard, '*'].includes(listener.address);
}

function sayTaken(bind: Bind, { address, port }: Listener, { name, pid, unit }: ListeningProcess): string {
  const where = address === '*' ? `*:${port}` : endpoint(address, port);
  const who = `${name}, process ${pid}${unit === undefined ? '' : ` of ${unit}`}`;
  return `${endpoint(bind.address, bind.port)} (${who}, listens on ${where})`;
}
