import type { Clock } from '../../engine/run/run.js';
import type { Knock, KnockAnswer, Knocking, Runner } from '../../remote/runner.js';
import { sh } from '../../remote/shell.js';

/** A probe as it was sent: times are those of the clock. */
export interface SentProbe {
  readonly at: number;
  readonly tookMs: number;
  readonly answer: KnockAnswer;
}

/** Sends fresh connections, one every `intervalMs`, until `signal` aborts; tells each when it has ended. */
export type Prober = (intervalMs: number, tell: (probe: SentProbe) => void, signal: AbortSignal) => Promise<void>;

/** More connections than that under way say nothing new. */
export const mostAtOnce = 400;

/** Probes from this machine. What was due while it was busy is left out: a late probe would tell of another moment. */
export function probeFromHere(knock: Knock, knocking: Knocking, clock: Clock): Prober {
  return async (intervalMs, tell, signal) => {
    const underWay = new Set<Promise<unknown>>();
    const send = async (): Promise<void> => {
      const at = clock.now();
      const answer = await knock(knocking);
      tell({ at, tookMs: clock.now() - at, answer });
    };
    let due = clock.now();
    while (!signal.aborted) {
      if (underWay.size < mostAtOnce) {
        const probe = send().finally(() => underWay.delete(probe));
        underWay.add(probe);
      }
      due = Math.max(due + intervalMs, clock.now());
      await clock.sleep(due - clock.now(), signal);
    }
    await Promise.all(underWay);
  };
}

const script = String.raw`
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6); use Fcntl; use Errno;
my ($address, $port, $tick, $patience, $greeting) = @ARGV;
my $six = $address =~ /:/;
my $to = $six ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $address)) : pack_sockaddr_in($port, inet_aton($address));
$greeting = pack "H*", $greeting;
$| = 1;
my ($id, %open) = (0);
sub ended { my ($at, $answer) = @_; print "e $at $answer\n"; delete $open{$at} }
sub failed { my ($at) = @_; ended $at, $!{ECONNREFUSED} ? "refused" : $!{ECONNRESET} || $!{EPIPE} ? "reset" : "silent" }
while (1) {
  if (keys %open < ${mostAtOnce}) {
    my $at = $id++;
    print "s $at\n";
    if (socket(my $s, $six ? AF_INET6 : AF_INET, SOCK_STREAM, 0)) {
      my $flags = O_NONBLOCK;
      fcntl $s, F_SETFL, $flags;
      setsockopt $s, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0);
      $open{$at} = { socket => $s, ticks => 0, greeted => 0 };
      connect $s, $to or $!{EINPROGRESS} or failed $at;
    }
  }
  select undef, undef, undef, $tick / 1000;
  for my $at (keys %open) {
    my $probe = $open{$at};
    my $s = $probe->{socket};
    my $bits = "";
    vec($bits, fileno $s, 1) = 1;
    if (!$probe->{greeted} && select undef, my $writable = $bits, undef, 0) {
      $! = unpack "i", getsockopt $s, SOL_SOCKET, SO_ERROR;
      if ($! + 0) { failed $at; next }
      syswrite $s, $greeting;
      $probe->{greeted} = 1;
    }
    if ($probe->{greeted} && select my $readable = $bits, undef, undef, 0) {
      my $read = sysread $s, my $data, 1;
      if (defined $read) { ended $at, $read ? "answered" : "closed" } else { failed $at }
      next;
    }
    ended $at, "silent" if ++$probe->{ticks} * $tick > $patience;
  }
}
`;

/** Probes from a node, timed by when its lines arrive here: perl-base has no fine clock. */
export function probeFromNode(runner: Runner, knocking: Knocking, clock: Clock): Prober {
  const { address, port, patienceMs, greeting } = knocking;
  return async (intervalMs, tell, signal) => {
    const started = new Map<string, number>();
    const command = sh`perl -e ${script} ${address} ${port} ${intervalMs} ${patienceMs} ${greeting.toString('hex')}`;
    await runner.watch(
      command,
      (line) => {
        const [, kind, id = '', answer] =
          /^([se]) (\d{1,9})(?: (answered|closed|refused|reset|silent))?$/.exec(line) ?? [];
        const at = started.get(id);
        if (kind === 's') started.set(id, clock.now());
        else if (kind === 'e' && at !== undefined && isAnswer(answer)) {
          started.delete(id);
          tell({ at, tookMs: clock.now() - at, answer });
        }
      },
      signal,
    );
  };
}

function isAnswer(text: string | undefined): text is KnockAnswer {
  return text !== undefined;
}
