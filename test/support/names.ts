import type { LabHost } from '../../docker/host.js';
import { eventually } from './eventually.js';
import { on } from './lab.js';

/** What a DNS does with a question: it says where the host is, says nothing, or says that there is no such name. */
export type Mood = 'answers' | 'silent' | 'denies';

/** A DNS on a host of the lab: every name in it is that host's own address. */
export interface LabDns {
  readonly address: string;
  is(mood: Mood): Promise<void>;
  stop(): Promise<void>;
}

const moodFile = '/run/e2e-dns-mood';

const program = String.raw`
use strict;
use Socket;
my ($address, $file) = @ARGV;
socket my $dns, PF_INET, SOCK_DGRAM, 17 or die $!;
bind $dns, sockaddr_in(53, INADDR_ANY) or die $!;
while (my $client = recv $dns, my $query, 1500, 0) {
  open my $moods, "<", $file or die $!;
  chomp(my $mood = <$moods>);
  next if $mood eq "silent";
  my $at = 12;
  while (my $length = ord substr $query, $at, 1) { $at += $length + 1 }
  my $isAddress = $mood eq "answers" && unpack("n", substr $query, $at + 1, 2) == 1;
  my $head = pack "n6", unpack("n", $query), 0x8180 | ($mood eq "denies" ? 3 : 0), 1, $isAddress, 0, 0;
  my $answer = $isAddress ? pack("nnnNn", 0xc00c, 1, 1, 1, 4) . inet_aton($address) : "";
  send $dns, $head . substr($query, 12, $at + 5 - 12) . $answer, 0, $client;
}
`;

export async function startDns(host: LabHost): Promise<LabDns> {
  const is = async (mood: Mood): Promise<void> => void (await on(host, `echo ${mood} >${moodFile}`));
  await is('answers');
  await host.pipe(program, ['install', '/dev/stdin', '/run/e2e-dns']);
  await on(
    host,
    `systemctl stop e2e-dns 2>/dev/null || :
systemd-run --quiet --collect --unit=e2e-dns perl /run/e2e-dns ${host.address} ${moodFile}`,
  );
  await eventually('the DNS listens', async () => on(host, "ss -lun | grep -q ':53 '"));
  return { address: host.address, is, stop: async () => void (await on(host, 'systemctl stop e2e-dns')) };
}

/** Has a host ask this DNS and no other. @returns what gives it back its own */
export async function askDns(host: LabHost, { address }: LabDns): Promise<() => Promise<void>> {
  await on(host, `cp /etc/resolv.conf /var/tmp/e2e-resolv.conf; echo 'nameserver ${address}' >/etc/resolv.conf`);
  return async () => void (await on(host, 'cat /var/tmp/e2e-resolv.conf >/etc/resolv.conf'));
}
