import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { uptime } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { LabHost } from '../../docker/host.js';
import { sightings, type Translation, timeOf } from './sightings.js';
import type { TraceEvent } from './trace.js';

/**
 * Told by the kernel as it happens: which address comes or goes (`ip monitor`, with its own timestamp), and every advert that gets
 * through. What has no such news is looked at ten times a second: two flags, the lease, the daemons. A loop that comes late tells that
 * the machine stood still. Times are /proc/uptime, which all hosts share with this machine; perl-base has no finer clock.
 */
const script = String.raw`
use Socket;
$| = 1;
my ($port, @addresses) = @ARGV;
my %wanted = map { $_ => 1 } @addresses;
my $listening = sprintf ":%04X ", $port;
sub slurp { open my $file, "<", shift or return ""; local $/; my $text = <$file>; defined $text ? $text : "" }
sub uptime { (split / /, slurp "/proc/uptime")[0] }
my $child = open my $monitor, "-|", "ip", "-ts", "-o", "monitor", "address" or exit 1;
$SIG{PIPE} = $SIG{TERM} = sub { kill "TERM", $child; exit };
socket my $vrrp, PF_INET, SOCK_RAW, 112 or exit 1;
sub note {
  my ($line) = @_;
  my $stamp = $line =~ s/^\[(\S+)\] // ? $1 : "-";
  my $gone = $line =~ s/^Deleted //;
  print "a ", uptime, " $stamp ", $gone ? "-" : "+", " $1\n" if $line =~ m{^\d+:\s+\S+\s+inet\s+([^/\s]+)} && $wanted{$1};
}
my %last;
sub news {
  my ($what, $now) = @_;
  return if defined $last{$what} && $last{$what} eq $now;
  $last{$what} = $now;
  print "s ", uptime, " $what $now\n";
}
sub look {
  news "standing", slurp("/run/ha-deploy/maintenance") =~ /^[12]/ ? 1 : 0;
  my $lease = slurp "/run/ha-deploy-lease/lease";
  my ($token) = $lease =~ /^token=(\S+)/m;
  my ($until) = $lease =~ /^expires=(\d+)/m;
  news "lease", defined $token && defined $until ? "$token $until" : "-";
  opendir my $proc, "/proc";
  my $processes = grep { /^\d/ && slurp("/proc/$_/stat") =~ /^\d+ \(keepalived\) [RSDI]/ } readdir $proc;
  news "keepalived", $processes > 1 ? 1 : 0;
  news "haproxy", grep({ /^\s*\d+: \S*$listening\S+ 0A / } split /\n/, slurp "/proc/net/tcp") ? 1 : 0;
}
select undef, undef, undef, 0.1;
note $_ for qx(ip -o address show);
look;
print "r ", uptime, "\n";
my ($text, $before) = ("", uptime);
while (1) {
  my $bits = "";
  vec($bits, fileno $_, 1) = 1 for $monitor, $vrrp, \*STDIN;
  select $bits, undef, undef, 0.1;
  my $now = uptime;
  print "t $now ", $now - $before, "\n" if $now - $before > 0.5;
  $before = $now;
  if (vec $bits, fileno STDIN, 1) { sysread(STDIN, my $none, 1) or last }
  if (vec $bits, fileno $monitor, 1) {
    sysread $monitor, $text, 4096, length $text or last;
    note $1 while $text =~ s/^(.*)\n//;
  }
  if (vec $bits, fileno $vrrp, 1) {
    recv $vrrp, my $packet, 2048, 0;
    my $length = 4 * (15 & ord $packet);
    my (undef, $id, $priority) = unpack "CCC", substr $packet, $length;
    print "v $now ", inet_ntoa(substr $packet, 12, 4), " $id $priority\n";
  }
  look;
}
kill "TERM", $child;
`;

type Stream = ChildProcessByStdio<Writable, Readable, null>;

/** Looks at a node from outside, past SSH and whatever cuts it off, until it is stopped; a node that boots is found again. */
export class Watch {
  readonly #host: LabHost;
  readonly #parameters: readonly string[];
  readonly #note: (event: TraceEvent) => void;
  readonly #translation: Translation;
  readonly #ended: Promise<void>;
  #stream: Stream | undefined;
  #stopped = false;
  #ready: () => void = () => undefined;

  private constructor(
    host: LabHost,
    port: number,
    vips: readonly string[],
    names: ReadonlyMap<string, string>,
    note: (event: TraceEvent) => void,
  ) {
    this.#host = host;
    this.#parameters = [String(port), ...vips];
    this.#note = note;
    this.#translation = { bootedAt: Date.now() - uptime() * 1000, names };
    this.#ended = this.#follow();
  }

  /** Returns when the node has told how it is. */
  static async open(
    host: LabHost,
    port: number,
    vips: readonly string[],
    names: ReadonlyMap<string, string>,
    note: (event: TraceEvent) => void,
  ): Promise<Watch> {
    const watch = new Watch(host, port, vips, names, note);
    await new Promise<void>((resolve) => {
      watch.#ready = resolve;
    });
    return watch;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stream?.stdin.end();
    await this.#ended;
  }

  async #follow(): Promise<void> {
    const isOver = (): boolean => this.#stopped;
    while (!isOver()) {
      await this.#once();
      if (!isOver()) await pause(100);
    }
  }

  async #once(): Promise<void> {
    const command = [
      'exec',
      '--interactive',
      '--env',
      'TZ=UTC',
      this.#host.containerId,
      'perl',
      '-e',
      script,
      ...this.#parameters,
    ];
    const stream = spawn('docker', command, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#stream = stream;
    stream.stdin.on('error', () => undefined);
    let watched = false;
    for await (const line of createInterface({ input: stream.stdout })) {
      if (!watched)
        this.#note({ at: timeOf(line, this.#translation), kind: 'watched', node: this.#host.name, on: true });
      watched = true;
      if (line.startsWith('r ')) this.#ready();
      else for (const sighting of sightings(line, this.#host.name, this.#translation)) this.#note(sighting);
    }
    if (watched) this.#note({ at: Date.now(), kind: 'watched', node: this.#host.name, on: false });
  }
}
