import { inPerl } from '../../remote/perl.js';
import { type Fact, unreadable } from '../fact.js';
import { unixStream } from '../unix-stream.js';

/** A process of HAProxy that a reload left to the connections it still has. */
export interface OldWorker {
  readonly pid: number;
  /** How many reloads ago it was the one that took new connections. */
  readonly reloads: number;
  /** Undefined where it did not say. */
  readonly connections: number | undefined;
}

/**
 * Asks the master on its socket (`-S`, which the distribution's unit gives it), and each old worker through the master. It
 * answers when the other side has said all (HAProxy 2.2), and a worker that hangs is waited for two seconds.
 */
const askMaster = String.raw`${unixStream}
my $ask = sub {
  my $s = unix_stream("/run/haproxy-master.sock") // die;
  local $SIG{ALRM} = sub { die };
  local $SIG{PIPE} = "IGNORE";
  local $/;
  my $answer = eval { alarm 2; syswrite $s, "$_[0]\n"; shutdown $s, 1; <$s> };
  alarm 0;
  return $answer // die;
};
my $processes = $ask->("show proc");
print $processes;
my ($old) = $processes =~ /^# old workers\n(.*?)^#/ms;
for my $pid (($old // "") =~ /^(\d+)\s+worker/mg) {
  my $answer = eval { $ask->("\@!$pid show info") } // "";
  print "$pid connections $1\n" if $answer =~ /^CurrConns: (\d+)$/m;
}
`;

/** Old workers that still drain (management guide, "show proc"); undefined where no master answers. */
export const oldWorkers: Fact<readonly OldWorker[] | undefined> = {
  id: 'old-workers',
  ...inPerl(askMaster),
  parse: ({ stdout }) => (stdout === '' ? undefined : parse(stdout)),
};

function parse(stdout: string): OldWorker[] {
  if (!stdout.startsWith('#<PID>')) throw unreadable('show proc printed something else than processes');
  const connections = new Map(
    [...stdout.matchAll(/^(\d{1,10}) connections (\d{1,15})$/gm)].map(([, pid, count]) => [Number(pid), Number(count)]),
  );
  const [, section = ''] = /^# old workers *\n(.*?)(?:^#|^\d+ connections|(?![^]))/ms.exec(stdout) ?? [];
  return section
    .split('\n')
    .filter((line) => / worker /.test(line))
    .map((line) => {
      const { pid, reloads } = parseRow(line);
      return { pid, reloads, connections: connections.get(pid) };
    });
}

/** Before 2.5 a column more stands between type and reloads: `[was: 1]`. */
function parseRow(line: string): { readonly pid: number; readonly reloads: number } {
  const [, pid, reloads] = /^(\d{1,10}) +worker .*?(\d{1,10}) +\d+d\d\dh\d\dm\d\ds /.exec(line) ?? [];
  if (pid === undefined || reloads === undefined) throw unreadable(`show proc printed ${JSON.stringify(line)}`);
  return { pid: Number(pid), reloads: Number(reloads) };
}
