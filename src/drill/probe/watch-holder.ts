import type { Clock } from '../../engine/run/run.js';
import type { Runner } from '../../remote/runner.js';
import { sh } from '../../remote/shell.js';
import type { HolderChange } from './record.js';

/** Says `+ <address>` or `- <address>` whenever one of `@ARGV` comes or goes; and a dot now and then, so that it dies unheard. */
const script = String.raw`
$| = 1;
my %wanted = map { $_ => 1 } @ARGV;
my $child = open my $monitor, "-|", "ip", "-o", "monitor", "address" or exit 1;
$SIG{PIPE} = sub { kill "TERM", $child; exit };
sub note {
  my ($line) = @_;
  my $gone = $line =~ s/^Deleted //;
  print $gone ? "-" : "+", " $1\n" if $line =~ m{^\d+:\s+\S+\s+inet6?\s+([^/\s]+)} && $wanted{$1};
}
# What happens while the present is read is told twice rather than never.
select undef, undef, undef, 0.1;
note $_ for qx(ip -o address show);
my $text = "";
my $said = 0;
while (1) {
  if ($said != time) { print ".\n"; $said = time }
  my $bits = "";
  vec($bits, fileno $monitor, 1) = 1;
  next if !select $bits, undef, undef, 0.5;
  sysread $monitor, $text, 4096, length $text or last;
  note $1 while $text =~ s/^(.*)\n//;
}
`;

/** Whom a watch tells. */
export interface HolderListener {
  readonly changed: (change: HolderChange) => void;
  /** After the present state, and then about once a second, as long as the node is within reach. */
  readonly heard: () => void;
}

/** Tells whether a node holds an address, and when it takes it or gives it up, as `ip monitor` on the node sees it. */
export async function watchHolder(
  runner: Runner,
  address: string,
  clock: Clock,
  { changed, heard }: HolderListener,
  signal: AbortSignal,
): Promise<void> {
  let holds: boolean | undefined;
  const note = (now: boolean): void => {
    if (now !== holds) changed({ at: clock.now(), node: runner.node, holds: now });
    holds = now;
  };
  await runner.watch(
    sh`perl -e ${script} ${address}`,
    (line) => {
      if (line !== '.') return note(line.startsWith('+ '));
      if (holds === undefined) note(false);
      heard();
    },
    signal,
  );
}
