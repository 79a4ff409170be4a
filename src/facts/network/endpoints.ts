import type { Cluster } from '../../cluster/cluster.js';
import { endpoint } from '../../cluster/values/address.js';
import { inPerl } from '../../remote/perl.js';
import { type Fact, unreadable } from '../fact.js';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Every address and port that should answer. */
export function serviceEndpoints(cluster: Cluster): readonly Endpoint[] {
  return cluster.services.flatMap(({ bind, port }) => bind.map((address) => ({ address, port })));
}

/**
 * Connects to all of `@ARGV` (`address port` pairs) at once, for at most two seconds; prints `index ok` or `index errno`. The numbers are
 * AF_INET6 and AF_INET, SOCK_STREAM, F_SETFL and O_NONBLOCK, EINPROGRESS, SOL_SOCKET and SO_ERROR; see `unix-stream.ts`, and
 * include/uapi/asm-generic of Linux for the last four.
 */
const connectAll = String.raw`
-x "/usr/sbin/haproxy" or die;
my %waiting;
my $index = -1;
while (my ($address, $port) = splice @ARGV, 0, 2) {
  my $at = ++$index;
  my $six = $address =~ /:/;
  require Socket if $six;
  my $to = $six ? Socket::pack_sockaddr_in6($port, Socket::inet_pton(10, $address))
    : pack "S n C4 x8", 2, $port, split /\./, $address;
  socket(my $s, $six ? 10 : 2, 1, 0) or next;
  fcntl $s, 4, 2048;
  if (connect $s, $to) { print "$at ok\n"; next }
  if ($! != 115) { print "$at ", $! + 0, "\n"; next }
  $waiting{fileno $s} = [$at, $s];
}
my $end = time + 2;
while (%waiting && time < $end) {
  my $bits = "";
  vec($bits, $_, 1) = 1 for keys %waiting;
  select undef, my $ready = $bits, undef, 1 or last;
  for my $fd (grep { vec $ready, $_, 1 } keys %waiting) {
    my ($at, $s) = @{delete $waiting{$fd}};
    my $error = unpack "i", getsockopt $s, 1, 4;
    print "$at ", $error || "ok", "\n";
  }
}
`;

/** Which endpoints accept a TCP connection from the node, by `address:port`; asked only where HAProxy is installed. */
export function reachableEndpoints(endpoints: readonly Endpoint[]): Fact<ReadonlyMap<string, boolean>> {
  const pairs = endpoints.flatMap(({ address, port }) => [address, port]);
  return {
    id: 'endpoints',
    ...inPerl(connectAll, pairs),
    parse: ({ stdout }) => {
      const accepted = new Set(
        stdout
          .split('\n')
          .filter(Boolean)
          .map(parseLine)
          .filter((index) => index !== undefined),
      );
      return new Map(endpoints.map(({ address, port }, index) => [endpoint(address, port), accepted.has(index)]));
    },
  };
}

function parseLine(line: string): number | undefined {
  const match = /^(\d+) (ok|\d+)$/.exec(line);
  if (match === null) throw unreadable(`the connection test printed ${JSON.stringify(line)}`);
  return match[2] === 'ok' ? Number(match[1]) : undefined;
}
