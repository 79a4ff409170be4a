import { inPerl } from '../../remote/perl.js';
import { type Fact, unreadable } from '../fact.js';
import type { Endpoint } from './endpoints.js';

/** An address and port that the kernel gives to nobody any more. */
export interface TakenPort extends Endpoint {
  /** Who listens there, or on all addresses; nobody where root may not see it (see docs/facts.md, "Ports"). */
  readonly processes: readonly ListeningProcess[];
}

export interface ListeningProcess {
  readonly pid: number;
  /** What it calls itself. */
  readonly name: string;
  /** `kubelet.service` or `session-3.scope`; undefined where systemd does not run it, as in a container. */
  readonly unit: string | undefined;
}

/**
 * Tries all of `@ARGV` (`address port` pairs) as HAProxy does, with SO_REUSEADDR and SO_REUSEPORT and on addresses that are not there
 * (IP_FREEBIND, 15, of ip(7)), and listens on none: so the kernel decides who is in whose way. 98 is EADDRINUSE; names of processes are
 * anybody's choice, so they come last and without what could be a line of ours.
 */
const look = String.raw`
require Socket;
my $first = sub { open my $f, "<", $_[0] or return ""; local $/; <$f> // "" };
my $index = -1;
while (my ($address, $port) = splice @ARGV, 0, 2) {
  $index++;
  my $six = $address =~ /:/;
  socket(my $s, $six ? Socket::AF_INET6() : Socket::AF_INET(), Socket::SOCK_STREAM(), 0) or next;
  setsockopt $s, Socket::SOL_SOCKET(), $_, 1 for Socket::SO_REUSEADDR(), Socket::SO_REUSEPORT();
  setsockopt $s, 0, 15, 1;
  bind $s, $six ? Socket::pack_sockaddr_in6($port, Socket::inet_pton(Socket::AF_INET6(), $address))
    : Socket::pack_sockaddr_in($port, Socket::inet_aton($address)) and next;
  $! == 98 or next;
  print "taken $index\n";
  open my $ss, "-|", "ss", "-Hltnp", "sport = :$port" or next;
  my ($meets, @pids, %seen);
  while (<$ss>) {
    # A program may have the port on an address of its own. What does not begin a row goes on with a name.
    if (/^LISTEN\s+\d+\s+\d+\s+(\S+):\d+\s/) {
      my ($there) = $1 =~ /^\[?(?:::ffff:)?(.*?)\]?(?:%.*)?$/;
      $meets = grep /^(?:\*|::|0\.0\.0\.0)$/ || $there eq $address, $there, $address;
    }
    push @pids, /pid=(\d+),fd=/g if $meets;
  }
  for my $pid (grep !$seen{$_}++, @pids) {
    my $name = $first->("/proc/$pid/comm");
    # It may be gone by now.
    $name ne "" or next;
    $name =~ s/[^!-~]+$//;
    $name =~ s/[^ -~]/?/g;
    my ($unit) = $first->("/proc/$pid/cgroup") =~ m{^(?:0:|\d+:name=systemd):.*/([^/\n]+\.(?:service|scope))(?:/|$)}m;
    print "by $index $pid ", $unit // "-", " $name\n";
  }
}
`;

/** Which of these a program could not listen on, and whose fault that is. */
export function takenPorts(endpoints: readonly Endpoint[]): Fact<readonly TakenPort[]> {
  return {
    id: 'taken-ports',
    ...inPerl(
      look,
      endpoints.flatMap(({ address, port }) => [address, port]),
    ),
    parse: ({ stdout }) => {
      const taken = new Map<number, ListeningProcess[]>();
      for (const line of stdout.split('\n').filter(Boolean)) {
        const [, index, pid, unit, name = ''] =
          /^(?:taken (\d{1,5})|by \d{1,5} (\d{1,10}) (\S{1,256}) (.{0,64}))$/.exec(line) ?? [];
        const processes = [...taken.values()].at(-1);
        if (index !== undefined && Number(index) < endpoints.length) taken.set(Number(index), []);
        else if (pid !== undefined && processes !== undefined)
          processes.push({ pid: Number(pid), name, unit: unit === '-' ? undefined : unit });
        else throw unreadable(`the test of ports printed ${JSON.stringify(line.slice(0, 200))}`);
      }
      return endpoints.flatMap((endpoint, index) => {
        const processes = taken.get(index);
        return processes === undefined ? [] : [{ ...endpoint, processes }];
      });
    },
  };
}
