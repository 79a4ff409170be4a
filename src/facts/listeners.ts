import { canonicalAddress } from '../cluster/address.js';
import { inPerl } from '../remote/perl.js';
import { type Fact, unreadable } from './fact.js';

/** A TCP socket of the host that waits for connections. */
export interface Listener {
  /** Canonical text, `0.0.0.0` or `::` for all of one family, or `*` for all of both. */
  readonly address: string;
  readonly port: number;
  /** Who has it; nobody where it is the kernel's, or where root may not see (CAP_SYS_PTRACE, which a container seldom has). */
  readonly processes: readonly ListeningProcess[];
}

export interface ListeningProcess {
  readonly name: string;
  readonly pid: number;
  /** What systemd runs it as, `kubelet.service` or `session-3.scope`, where it does. */
  readonly unit: string | undefined;
}

/** ss(8), and of each process the last name in its control group: cgroups(7), of version 2 or of systemd's own in version 1. */
const look = String.raw`
my @sockets = qx(ss -Hltnp);
$? == 0 or die;
print @sockets;
my %seen;
for my $pid (grep !$seen{$_}++, map /pid=(\d+)/g, @sockets) {
  open my $f, "<", "/proc/$pid/cgroup" or next;
  my ($unit) = map m{^(?:0:|\d+:name=systemd):.*/([^/\n]+)$}, <$f>;
  print "unit $pid $unit\n" if defined $unit;
}
`;

export const listeners: Fact<readonly Listener[]> = {
  id: 'listeners',
  ...inPerl(look),
  parse: ({ exitCode, stdout }) => {
    if (exitCode !== 0) throw unreadable('ss does not say who listens');
    const rows = stdout.split('\n').filter(Boolean);
    const units = new Map(
      rows.flatMap((row): [string, string][] => {
        const [, pid, unit] = /^unit (\d{1,10}) (\S{1,256})$/.exec(row) ?? [];
        return pid === undefined || unit === undefined ? [] : [[pid, unit]];
      }),
    );
    return rows.filter((row) => !row.startsWith('unit ')).map((row) => parseRow(row, units));
  },
};

/** `LISTEN 0 4096 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=100,fd=14))`. */
function parseRow(row: string, units: ReadonlyMap<string, string>): Listener {
  const [, local = '', port = '', users = ''] = /^LISTEN +\d+ +\d+ +(\S+):(\d{1,5}) +\S+ *(.*)$/.exec(row) ?? [];
  const bare = local.replace(/%.*$/, '').replace(/^\[(.*)\]$/, '$1');
  const address = bare === '*' ? bare : canonicalAddress(bare);
  if (address === undefined) throw unreadable(`ss printed the line ${JSON.stringify(row.slice(0, 200))}`);
  const processes = [...users.matchAll(/\("([^"]{1,64})",pid=(\d{1,10}),/g)].map(([, name = '', pid = '']) => ({
    name,
    pid: Number(pid),
    unit: units.get(pid),
  }));
  return { address, port: Number(port), processes };
}
