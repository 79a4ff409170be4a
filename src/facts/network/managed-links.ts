import { inPerl } from '../../remote/perl.js';
import { type Fact, unreadable } from '../fact.js';

/** An interface that systemd-networkd configures, by itself or for netplan. */
export interface ManagedLink {
  readonly interface: string;
  /** The file that it is configured by, such as `/run/systemd/network/10-netplan-eth0.network`. */
  readonly networkFile: string;
  /** What others than us wrote as `KeepConfiguration=`; the last counts. */
  readonly keeps?: string | undefined;
  /** Our own drop-in to that file, where it is there. */
  readonly dropIn?: string | undefined;
}

/** Where our drop-in to a network file is. A drop-in in /etc counts for a file in /run and /usr/lib too (systemd.network(5)). */
export function networkDropIn(networkFile: string): string {
  return `/etc/systemd/network/${networkFile.slice(networkFile.lastIndexOf('/') + 1)}.d/ha-deploy.conf`;
}

const look = String.raw`
my $names = sub { opendir my $folder, $_[0] or return; sort grep !/^\./, readdir $folder };
my $lines = sub { open my $f, "<", $_[0] or return; read $f, my $text, 65536; split /\n/, $text };
my $links = "/run/systemd/netif/links";
for my $index ($names->($links)) {
  for my $file (map /^NETWORK_FILE=(\/.*)/, $lines->("$links/$index")) {
    for my $device ($names->("/sys/class/net")) {
      my ($found) = $lines->("/sys/class/net/$device/ifindex");
      print "link $device $file\n" if defined $found && $found eq $index;
    }
    my ($name) = $file =~ m{([^/]*)$};
    my @folders = map "$_/systemd/network/$name.d", "/usr/lib", "/run", "/etc";
    for my $part ($file, map { my $folder = $_; map "$folder/$_", grep /\.conf$/, $names->($folder) } @folders) {
      if ($part =~ m{/ha-deploy\.conf$}) { print "ours $_\n" for $lines->($part) }
      else { print "keeps $_\n" for map /^\s*KeepConfiguration\s*=\s*(.*)/, $lines->($part) }
    }
  }
}
`;

/**
 * The links that systemd-networkd manages; none where it does not run, as its state is gone with it. It keeps a file per link,
 * with the file that it configures it by: of 247, 252 and 257, measured.
 */
export const managedLinks: Fact<readonly ManagedLink[]> = {
  id: 'networkd',
  ...inPerl(look),
  parse: ({ stdout }) => {
    const links: (ManagedLink & { dropIn?: string; keeps?: string })[] = [];
    for (const row of stdout.split('\n').filter(Boolean)) {
      const [, name, networkFile] = /^link ([^\s/]{1,15}) (\/[^\0]+\/[^/\0]+\.network)$/.exec(row) ?? [];
      const link = links.at(-1);
      if (name !== undefined && networkFile !== undefined) links.push({ interface: name, networkFile });
      else if (link !== undefined && row.startsWith('ours ')) link.dropIn = `${link.dropIn ?? ''}${row.slice(5)}\n`;
      else if (link !== undefined && row.startsWith('keeps ')) link.keeps = row.slice('keeps '.length).trim();
      else throw unreadable(`the links of systemd-networkd are not understood: ${JSON.stringify(row)}`);
    }
    return links;
  },
};
