import type { Vip } from '../../cluster/cluster.js';
import type { Fact } from '../../facts/fact.js';
import { sh } from '../../remote/shell.js';

/**
 * The hardware address that answers for a VIP which none of our nodes holds; undefined when nobody does. The kernel is made
 * to ask (ARP, or neighbour discovery) by sending one datagram to the discard port, and given long enough for two requests.
 */
export function stranger(vip: Vip, networkInterface: string): Fact<string | undefined> {
  const send = String.raw`
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6);
my $six = $ARGV[0] =~ /:/;
socket(my $s, $six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0) or exit 1;
send $s, "", 0, $six ? pack_sockaddr_in6(9, inet_pton(AF_INET6, $ARGV[0])) : pack_sockaddr_in(9, inet_aton($ARGV[0]));`;
  return {
    id: `stranger:${vip.address}`,
    command: sh`ip neigh del ${vip.address} dev ${networkInterface} 2>/dev/null
perl -e ${send} ${vip.address}
polls=0
while [ "$polls" -lt 22 ]; do
  entry=$(ip neigh show to ${vip.address} dev ${networkInterface})
  case $entry in *lladdr*) echo "$entry"; break ;; esac
  polls=$((polls + 1))
  sleep 0.05
done`,
    parse: ({ stdout }) => / lladdr ([0-9a-f:]{17})\b/.exec(stdout)?.[1],
  };
}
