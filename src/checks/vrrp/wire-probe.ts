import type { Family } from '../../cluster/cluster.js';
import { canonicalAddress } from '../../cluster/values/address.js';
import { type Fact, unreadable } from '../../facts/fact.js';
import { sh } from '../../remote/shell.js';

/** One way in which adverts travel. */
export interface Channel {
  readonly family: Family;
  readonly cast: 'unicast' | 'multicast';
}

/** What one node does on the wire while all of them do it. */
export interface WirePart {
  /** 32 hexadecimal digits, the same on all nodes: what has others is not of this run. */
  readonly token: string;
  /** The node's place in the cluster, from 0: its probes are signed with it. */
  readonly index: number;
  /** Where keepalived would send and listen. */
  readonly interface: string;
  /** Its own, one of each family at most. */
  readonly addresses: readonly string[];
  /** 112, or 51 where adverts travel inside an authentication header. */
  readonly protocol: number;
  readonly channels: readonly Channel[];
  /** Each with one address of each family at most. */
  readonly peers: readonly { readonly index: number; readonly address: string }[];
}

/** What one node heard. */
export interface Hearing {
  readonly adverts: readonly Advert[];
  readonly probes: readonly HeardProbe[];
}

/** An advert of anybody. */
export interface Advert {
  readonly source: string;
  readonly version: number;
  readonly routerId: number;
  readonly priority: number;
}

/** A probe of a peer; a unicast peer whose source is another address than its own is not believed by keepalived. */
export interface HeardProbe extends Channel {
  readonly index: number;
  readonly source: string;
}

/**
 * Milliseconds. Routers send an advert each second unless told otherwise, of version 2 and 3 (RFC 3768, RFC 5798), so a bit more
 * than a second hears them all; those that send less often are not heard.
 */
const listening = 1200;

/** Milliseconds after which a peer that is not heard is given up: the nodes do not start at the same moment. */
const patience = 8000;

/**
 * A probe is an advert of router id 0, which nobody may have (RFC 5798, 5.2.3), without a checksum: keepalived and routers
 * drop it unread. Each node sends for as long as it listens, and some more when it has heard all: who heard it later must be
 * heard too. 25 is SO_BINDTODEVICE, for which Socket has no name.
 */
const talk = String.raw`
use strict;
use Socket qw(:all);
my ($token, $me, $device, $own, $protocol, $listening, $patience, $channels, @peers) = @ARGV;
sub family { return $_[0] =~ /:/ ? 6 : 4 }
my %own = map { family($_) => $_ } split /,/, $own;
my %peers = map { (split /=/)[0] => 1 } @peers;
my @channels = split /,/, $channels;
my $probe = pack("C8", 0x31) . pack("H32", $token);
my $header = $protocol == 51 ? pack("C2 x22", 112, 4) : "";
sub failed { print "failed $_[0]: $!\n"; exit 1 }
sub number { open my $file, "<", $_[0] or failed($_[0]); return (split " ", <$file>)[0] }
my $link = number("/sys/class/net/$device/ifindex");
my %group = (4 => inet_aton("224.0.0.18"), 6 => inet_pton(AF_INET6, "ff02::12"));
sub raw {
  my ($family, $number) = @_;
  socket(my $s, $family == 6 ? AF_INET6 : AF_INET, SOCK_RAW, $number) or failed("socket");
  setsockopt $s, SOL_SOCKET, 25, pack("Z*", $device) or failed("device");
  return $s;
}
sub address { my ($family, $text) = @_; return $family == 6 ? inet_pton(AF_INET6, $text) : inet_aton($text) }
sub place { my ($family, $to) = @_; return $family == 6 ? pack_sockaddr_in6(0, $to, $link) : pack_sockaddr_in(0, $to) }
my (@ears, @mouths, $wanted);
for my $family (do { my %seen; grep { !$seen{$_}++ } map { substr $_, 0, 1 } @channels }) {
  for my $number (do { my %seen; grep { !$seen{$_}++ } 112, $protocol }) {
    my $s = raw($family, $number);
    $family == 6
      ? setsockopt $s, IPPROTO_IPV6, IPV6_JOIN_GROUP, pack_ipv6_mreq($group{6}, $link)
      : setsockopt $s, IPPROTO_IP, IP_ADD_MEMBERSHIP, pack("a4 x4 i", $group{4}, $link)
      or failed("group");
    push @ears, [$s, $family];
  }
}
for my $channel (@channels) {
  my ($family, $cast) = split //, $channel;
  my $s = raw($family, $protocol);
  if ($cast eq "u") { bind $s, place($family, address($family, $own{$family})) or failed("bind") }
  my @options = $family == 6
    ? ([IPPROTO_IPV6, IPV6_UNICAST_HOPS, pack("i", 255)], [IPPROTO_IPV6, IPV6_MULTICAST_HOPS, pack("i", 255)],
       [IPPROTO_IPV6, IPV6_MULTICAST_IF, pack("i", $link)])
    : ([IPPROTO_IP, IP_TTL, pack("i", 255)], [IPPROTO_IP, IP_MULTICAST_TTL, pack("C", 255)],
       [IPPROTO_IP, IP_MULTICAST_IF, pack("x8 i", $link)]);
  for (@options) { setsockopt $s, $$_[0], $$_[1], $$_[2] or failed("options") }
  my @to = $cast eq "m" ? $group{$family} : map { address($family, $_) } grep { family($_) == $family } map { (split /=/)[1] } @peers;
  $wanted += $cast eq "m" ? keys %peers : @to;
  push @mouths, [$s, $header . $probe . pack("a1 n", $cast, $me), map { place($family, $_) } @to];
}
my (%adverts, %heard);
sub hear {
  my ($s, $family) = @_;
  my $from = recv $s, my $packet, 4096, MSG_DONTWAIT;
  return 0 unless defined $from;
  my $number = 112;
  if ($family == 4) {
    return 1 if length $packet < 20;
    $number = ord substr $packet, 9, 1;
    $packet = substr $packet, (ord($packet) & 15) * 4;
  } elsif ($protocol == 51) { return 1 }
  $packet = length $packet > 1 ? substr $packet, (ord(substr $packet, 1, 1) + 2) * 4 : "" if $number == 51;
  return 1 if length $packet < 8;
  my $source = $family == 6 ? inet_ntop(AF_INET6, (unpack_sockaddr_in6($from))[1]) : inet_ntoa((unpack_sockaddr_in($from))[1]);
  my ($kind, $id, $priority) = unpack "C3", $packet;
  if ($id == 0) {
    my ($signature, $cast, $index) = unpack "x8 H32 a1 n", $packet;
    return 1 unless length $packet == 27 && $signature eq $token && $index != $me;
    $heard{"$family$cast $index"} = $source;
  } elsif (($kind & 15) == 1 && keys %adverts < 1000) {
    $adverts{join " ", $source, $kind >> 4, $id} = $priority;
  }
  return 1;
}
my $start = number("/proc/uptime");
my ($said, $complete) = (0);
while () {
  my $passed = number("/proc/uptime") - $start;
  if ($passed >= $said) {
    $said = $passed + 0.1;
    for (@mouths) { my ($s, $what, @to) = @$_; send $s, $what, 0, $_ for @to }
  }
  my $bits = "";
  vec($bits, fileno $$_[0], 1) = 1 for @ears;
  select $bits, undef, undef, 0.05;
  for my $ear (@ears) { for (1 .. 500) { hear(@$ear) or last } }
  $complete = $passed if !defined $complete && keys %heard >= $wanted;
  last if $passed >= $patience || defined $complete && $passed >= $listening && $passed >= $complete + 0.3;
}
print "advert $_ $adverts{$_}\n" for sort keys %adverts;
print "probe $_ $heard{$_}\n" for sort keys %heard;
`;

/**
 * Sends probes to the peers and hears theirs, and everybody's adverts. All nodes must be asked at the same time.
 * Perl's Socket is in perl-base of every release.
 */
export function wire(part: WirePart): Fact<Hearing> {
  const { token, index, protocol } = part;
  const own = part.addresses.join(',');
  const channels = part.channels.map(({ family, cast }) => `${family}${cast.slice(0, 1)}`).join(',');
  const peers = part.peers.map((peer) => `${peer.index}=${peer.address}`);
  const seconds = [listening / 1000, patience / 1000];
  return {
    id: 'wire',
    command: sh`perl -e ${talk} ${token} ${index} ${part.interface} ${own} ${protocol} ${seconds} ${channels} ${peers}`,
    parse: ({ exitCode, stdout }) => {
      if (exitCode !== 0) throw unreadable('the host does not let us listen for VRRP');
      const rows = stdout.split('\n').filter(Boolean).map(parseRow);
      return {
        adverts: rows.flatMap((row) => ('routerId' in row ? [row] : [])),
        probes: rows.flatMap((row) => ('cast' in row ? [row] : [])),
      };
    },
  };
}

function parseRow(row: string): Advert | HeardProbe {
  const [, source = '', version, routerId, priority] =
    /^advert ([0-9a-f.:]+) (\d{1,2}) (\d{1,3}) (\d{1,3})$/.exec(row) ?? [];
  if (version !== undefined)
    return {
      source: addressIn(source),
      version: Number(version),
      routerId: Number(routerId),
      priority: Number(priority),
    };
  const [, family, cast, index, from = ''] = /^probe ([46])([um]) (\d{1,5}) ([0-9a-f.:]+)$/.exec(row) ?? [];
  if (family === undefined) throw unreadable(`listening for VRRP printed ${JSON.stringify(row)}`);
  return {
    family: family === '6' ? 6 : 4,
    cast: cast === 'u' ? 'unicast' : 'multicast',
    index: Number(index),
    source: addressIn(from),
  };
}

function addressIn(text: string): string {
  const address = canonicalAddress(text);
  if (address === undefined) throw unreadable('listening for VRRP printed an odd address');
  return address;
}
