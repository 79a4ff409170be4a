import * as z from 'zod';
import { canonicalAddress } from '../../cluster/values/address.js';
import { isHostAddress, isHostName } from '../values/address.js';
import { parseEndpoint } from '../values/endpoint.js';
import { either, flag, named, section, text, wholeNumberSchema } from './text.js';

const endpoint = () =>
  text(
    'a server: <address>:<port>, [<IPv6 address>]:<port> or <host name>:<port>',
    (value) => parseEndpoint(value) !== undefined,
    endpointFix,
  );

function endpointFix(value: unknown): string | undefined {
  if (typeof value === 'object')
    return 'A server with settings goes into a map: <name>: { address: <address>:<port> }.';
  if (typeof value !== 'string') return undefined;
  if (value.includes('://')) return 'Leave out the scheme; how servers are checked is said under `health`.';
  if (canonicalAddress(value) !== undefined && value.includes(':')) {
    return 'Put the IPv6 address in brackets and the port after them: [<address>]:<port>.';
  }
  return isHostAddress(value) || isHostName(value) ? `Write the port too: ${value}:<port>.` : undefined;
}

const mostServers = 1000;

const longServer = section('a server', {
  address: endpoint().describe(
    'Where it listens: `<address>:<port>`, `[<IPv6 address>]:<port>` or `<host name>:<port>`.',
  ),
  weight: wholeNumberSchema('a weight', 0, 256)
    .describe("Its share of the load relative to the others' weights; 0 takes no new connections. Default: 1.")
    .optional(),
  backup: flag().default(false).describe('Whether it is used only while all others are down.'),
});

const namedServers = named(
  'server',
  'the servers: a map of name to <address>:<port>',
  either('a server: <address>:<port>, or a map with its address', [endpoint(), longServer]),
  mostServers,
);

export const servers = either('the servers: a list of <address>:<port>, or a map of name to <address>:<port>', [
  z
    .array(endpoint())
    .min(1, { error: 'at least one server' })
    .max(mostServers, { error: `at most ${mostServers} of them` }),
  namedServers,
]).describe(
  'The servers that take the load: a list of `<address>:<port>`, or a map of name to `<address>:<port>` or to a map. ' +
    'A server of a list is named after the node with its address, else after the address. ' +
    'HAProxy starts without the address of a host name, and looks for it while it runs: docs/names.md.',
);

export type ServersInput = z.output<typeof servers>;
