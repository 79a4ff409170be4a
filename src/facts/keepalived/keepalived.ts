import { DeployError } from '../../errors/deploy-error.js';
import { inPerl } from '../../remote/perl.js';
import { type Shell, sh } from '../../remote/shell.js';
import { type Fact, unreadable } from '../fact.js';

/** keepalived as its own data dump tells it; undefined when it does not run, or writes no dump. */
export interface KeepalivedProcess {
  /** `global_defs { router_id }` of the configuration that it runs. */
  readonly routerId: string;
  readonly instances: readonly RunningInstance[];
}

export interface RunningInstance {
  readonly name: string;
  readonly state: VrrpState;
  readonly effectivePriority: number;
  /** When it came into this state: seconds since 1970; undefined where an earlier version does not say. */
  readonly since?: number;
}

/**
 * The 8 hexadecimal digits in a router id of ours that name what all nodes must have alike (`playbooks/agreement.ts`);
 * undefined where keepalived runs a configuration of somebody else.
 */
export function agreementShown({ routerId }: KeepalivedProcess): string | undefined {
  return /\/ha-deploy:[0-9a-f]{12}-([0-9a-f]{8})$/.exec(routerId)?.[1];
}

export type VrrpState = 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT';

const states: readonly string[] = ['INIT', 'BACKUP', 'MASTER', 'FAULT'] satisfies VrrpState[];

/**
 * Perl that prints what we read of the data dump of the running daemon. SIGUSR1 asks for it (keepalived(8)); it is written a moment later, so
 * the file is awaited until the section after the one we read has begun, a second at most. The dump may hold the version 2
 * password: it is removed at once, and the lines with it are not printed.
 */
function printDump(lines: string): string {
  return `${takeDump}if (defined $text) {\n  print grep ${lines}, split /^/, $text;\n${endDump}`;
}

const takeDump = String.raw`
my $read = sub { local $/; open my $f, "<", $_[0] or return ""; <$f> };
# Anybody may put something in its place in /tmp: a link, or a pipe that nobody writes to. 2048 is O_NONBLOCK.
my $dumped = sub {
  local $/;
  my @there = lstat $_[0];
  -f _ && -O _ && sysopen my $f, $_[0], 2048 or return "";
  my @opened = stat $f;
  return "@there[0, 1]" eq "@opened[0, 1]" ? <$f> : "";
};
# A process number may be another's by now: only one of the unit is meant.
my $is_unit = sub { $_[0] =~ /^\d+$/ && $read->("/proc/$_[0]/cgroup") =~ m{/keepalived\.service$}m };
my ($pid) = $read->("/run/keepalived.pid") =~ /^(\d+)/;
$is_unit->($pid // "") or chomp($pid = qx(systemctl show --property=MainPID --value keepalived.service));
$is_unit->($pid) or die;
# 2.1 knows no other folder than /tmp.
my ($folder) = map /^TMPDIR=(.+)/s, split /\0/, $read->("/proc/$pid/environ");
my @dumps = map "/proc/$pid/root/$_/keepalived.data", $folder // "tmp", "tmp";
# There is one dump for all who ask. A folder that only root can open can be locked by root alone.
open my $lock, "<", "/root" or die;
my $polls = 0;
# LOCK_EX | LOCK_NB.
until (flock $lock, 2 | 4) { $polls++ < 500 or die; select undef, undef, undef, 0.01 }
unlink @dumps;
# A folder keeps the dump from its place.
lstat $_ and -d _ and (rmdir $_ or rename $_, "$_.$$") for @dumps;
# Without the folder it could not answer.
my ($place) = my @places = map "/proc/$pid/root/$_", $folder // "tmp", "tmp";
my $made = mkdir $place, 0755;
kill "USR1", $pid or die;
my $text;
for ($polls = 0; !defined $text && $polls < 200; $polls++) {
  ($text) = map /^(.*?^)------< Interfaces/ms, map $dumped->($_), @dumps;
  defined $text or select undef, undef, undef, 0.005;
}
`;

const endDump = String.raw`} elsif (open my $df, "-|", "df", "--output=target,avail,iavail,itotal", @places) {
  # What there is of its answer takes up the last of the space meanwhile. Some file systems count no inodes.
  my ($full) = grep $_, map /^(\S+) +(\S+) +(\S+) +(\S+)$/ && ($2 eq "0" || $3 eq "0" && $4 ne "0") && $1, <$df>;
  print "full $full\n" if defined $full;
}
# The parent process writes one of its own, mostly before.
my @parents = map s/\.data$/_parent.data/r, @dumps;
for ($polls = 0; $polls < 20 && !grep -e, @parents; $polls++) { select undef, undef, undef, 0.005 }
unlink @dumps, @parents;
rmdir $place if $made;
defined $text or die;
`;

/** Of what an instance is to itself. */
const ofState = String.raw`/^ Router ID = |^ VRRP Instance = |^   (?:State|Last transition|Virtual Router ID|Effective priority) = /`;

/** And of what it would say to others, and hear of them. */
const ofTerms = String.raw`/^ Router ID = |^ VRRP Instance = |^   (?:VRRP Version|State|Interface|Virtual Router ID|Advert interval|Authentication type) = |^   Virtual IP|^   Unicast Peer|^     [0-9a-f.:]+[ \/]/`;

export const keepalivedProcess: Fact<KeepalivedProcess | undefined> = {
  id: 'keepalived',
  ...inPerl(printDump(ofState)),
  parse: ({ exitCode, stdout }) => (exitCode === 0 || stdout !== '' ? parse(stdout) : undefined),
};

/** A shell function `dump_keepalived` that prints the same. */
export const dumpKeepalived: Shell = sh`
dump_keepalived() {
${keepalivedProcess.command} 2>/dev/null
}
`;

/** Prints more of it: what the daemon's adverts say, and whom it listens to. */
export const dumpOfTerms: Shell = sh`perl -e ${printDump(ofTerms)} 2>/dev/null`;

/** A keepalived that runs and has no disk space for its answer is not one that does not answer. */
function parse(stdout: string): KeepalivedProcess {
  const full = /^full (.*)\n$/.exec(stdout)?.[1];
  if (full !== undefined) {
    throw new DeployError('NO_SPACE', `keepalived cannot say what it runs: there is no space left in ${full}`, {
      hint: `Make room there: \`df ${full}\` shows how much there is, and the inodes with -i. keepalived itself may well work; nothing was done to it.`,
    });
  }
  const [head = '', ...blocks] = stdout.split(/^ VRRP Instance = /m);
  const routerId = /^ Router ID = (.*)$/m.exec(head)?.[1];
  if (routerId === undefined) throw unreadable('the data dump shows no Router ID');
  return { routerId, instances: blocks.map(parseInstance) };
}

function parseInstance(block: string): RunningInstance {
  const name = block.slice(0, block.indexOf('\n'));
  const state = /^ {3}State = (\w+)$/m.exec(block)?.[1];
  const priority = /^ {3}Effective priority = (\d{1,3})$/m.exec(block)?.[1];
  if (state === undefined || !isState(state) || priority === undefined) {
    throw unreadable(`the data dump shows no state or priority of ${JSON.stringify(name)}`);
  }
  const since = /^ {3}Last transition = (\d{1,11})(?:\.\d+)? /m.exec(block)?.[1];
  // 0 is never.
  const isKnown = since !== undefined && Number(since) > 0;
  return { name, state, effectivePriority: Number(priority), ...(isKnown && { since: Number(since) }) };
}

function isState(text: string): text is VrrpState {
  return states.includes(text);
}
