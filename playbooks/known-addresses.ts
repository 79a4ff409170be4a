import { Content } from '../src/cluster/secrets/content.js';
import { askHaproxy } from '../src/facts/haproxy/haproxy.js';
import { initAddr } from '../src/facts/network/server-names.js';
import { sh } from '../src/remote/shell.js';
import { type FileResource, managedFile } from '../src/resources/kinds/managed-file.js';
import { paths } from './paths.js';

/** The script that keeps the addresses of servers with names over a reload: while the DNS is silent, nobody else knows them. */
export function addressKeeper(): FileResource {
  return managedFile({
    path: paths.addressKeeper,
    content: Content.of(keeper),
    mode: '0755',
    owner: 'root:root',
  });
}

/** HAProxy warns of a list that is not there. */
export const nothingKept = sh`[ -e ${paths.knownAddresses} ] || echo 1 > ${paths.knownAddresses}
`;

/**
 * What a drop-in needs for it. At a start nothing is kept: the addresses may be of any age. Emptying ExecReload is the only way to run a
 * command before the distribution's two, which are the same in every release.
 */
export const keptOverReloads = `ExecStartPre=-+/bin/sh -c 'mkdir -p ${paths.runtime}; echo 1 > ${paths.knownAddresses}'
ExecReload=
ExecReload=-+${paths.addressKeeper}
ExecReload=/usr/sbin/haproxy -Ws -f $CONFIG -c -q $EXTRAOPTS
ExecReload=/bin/kill -USR2 $MAINPID
`;

/**
 * A line of the state is kept where the new configuration has the server under the same name and port: HAProxy takes the port of
 * the state for its own. Whether it was set to maintenance by hand is not kept, as it is not of other servers.
 */
const keeper = `#!/usr/bin/perl
# Written by ha-deploy. Run before a reload of HAProxy: writes down the addresses of servers that are names of the DNS.
use strict;
use warnings;
${askHaproxy.trim()}
my ($config, $known) = ('${paths.haproxyConfig}', '${paths.knownAddresses}');
my ($backend, %wanted) = ('');
open my $lines, '<', $config or die "$config: $!";
while (<$lines>) {
  $backend = $1 eq 'backend' ? $2 : '' if /^([a-z]\\S*) *(\\S*)/;
  $wanted{"$backend $1 $2 $3"} = 1 if /^ +server (\\S+) (\\S+):(\\d+) .*init-addr ${initAddr.dns} /;
}
# One that does not answer in time has the addresses that it had.
my $before = sub { local $/; open my $file, '<', $known or return ''; <$file> // '' };
my @kept;
for (split /\\n/, ask_haproxy('show servers state') // $before->()) {
  my @state = split / /;
  next if @state < 19 || $state[4] eq '-' || !$wanted{"@state[1, 3, 17, 18]"};
  $state[6] = 0;
  push @kept, "@state\\n";
}
unlink $known;
open my $file, '>', "$known.new" or die "$known.new: $!";
print $file "1\\n", @kept or die $!;
close $file or die $!;
rename "$known.new", $known or die $!;
`;
