/**
 * Perl that listens to who holds what this node may hold, and compares that with what its own keepalived would say. Its words: a file with
 * the dump of {@link dumpOfTerms}, the longest advert interval that another node may have, milliseconds, and keepalived.conf. It prints one
 * word:
 * - `same`: a holder says what this node would say, for every instance of it: here an election ends as it should;
 * - `other`: somebody holds a VIP of this node, or a peer its router id, on other terms, so that neither would heed the other;
 * - `silent`: nobody holds any of it;
 * - `deaf`: an interface is down, so that silence means nothing.
 * What cannot be told apart on the wire counts as the same: the password of an authentication header, which would take its checksum.
 */
export const hearAdverts = String.raw`
use strict;
use Socket qw(:all);
my ($dump, $longest, $config) = @ARGV;
my (@instances, $list);
open my $file, "<", $dump or die "$dump: $!\n";
while (<$file>) {
  if (/^ VRRP Instance = (\S+)/) { push @instances, {auth => 0, name => $1}; $list = "" }
  my $i = $instances[-1] or next;
  if (/^   Virtual IP Excluded/) { $list = "" }
  elsif (/^   Virtual IP/) { $list = "vips" }
  elsif (/^   Unicast Peer/) { $list = "peers" }
  elsif (/^     ([0-9a-f.:]+)[ \/]/) { my $address = packed($1); $$i{$list}{$address} = 1 if $list && length $address }
  elsif (/^   VRRP Version = (\d+)/) { $$i{version} = $1 }
  elsif (/^   Interface = (\S+)/) { $$i{device} = $1 }
  elsif (/^   Virtual Router ID = (\d+)/) { $$i{id} = $1 }
  elsif (/^   Authentication type = (\S+)/) { $$i{auth} = {SIMPLE_PASSWORD => 1, IPSEC_AH => 2}->{$1} // 0 }
  elsif (/^   Advert interval = (\d+) (milli-)?sec/) { $$i{interval} = $2 ? $1 : 1000 * $1 }
}
@instances or die "no instance\n";
sub packed { my ($text) = @_; return inet_pton($text =~ /:/ ? AF_INET6 : AF_INET, $text) // "" }
sub terms { my ($version, $interval, $auth, @vips) = @_; return join "/", $version, $interval, $auth, map { unpack "H*", $_ } sort @vips }
for (@instances) {
  my $interval = $$_{interval};
  $longest = $interval if $interval > $longest;
  $$_{size} = length((keys %{$$_{vips}})[0] // "");
  $$_{terms} = terms($$_{version}, $interval, $$_{auth}, keys %{$$_{vips}});
  open my $state, "<", "/sys/class/net/$$_{device}/operstate" or deaf();
  deaf() if <$state> !~ /^(up|unknown)$/;
}
sub deaf { print "deaf\n"; exit }
# The password is in clear in every advert of that kind.
my %pass;
if (open my $text, "<", $config) { my $name = ""; while (<$text>) { $name = $1 if /^vrrp_instance (\S+)/; $pass{$name} = $1 if /^\s*auth_pass (\S+)/ } }
my @ears;
for my $family (AF_INET, AF_INET6) {
  for my $protocol (112, $family == AF_INET ? 51 : ()) {
    socket(my $s, $family, SOCK_RAW, $protocol) or next;
    # Of a group that has been joined already nothing more is to be had.
    for my $link (map { index_of($$_{device}) } @instances) {
      $family == AF_INET
        ? setsockopt $s, IPPROTO_IP, IP_ADD_MEMBERSHIP, pack("a4 x4 i", inet_aton("224.0.0.18"), $link)
        : setsockopt $s, IPPROTO_IPV6, IPV6_JOIN_GROUP, pack_ipv6_mreq(inet_pton(AF_INET6, "ff02::12"), $link);
    }
    push @ears, [$s, $family];
  }
}
@ears or die "socket: $!\n";
sub index_of { open my $number, "<", "/sys/class/net/$_[0]/ifindex" or deaf(); chomp(my $text = <$number>); return $text }
sub now { open my $uptime, "<", "/proc/uptime" or die "uptime: $!\n"; return (split " ", <$uptime>)[0] }
# Three adverts and the skew of the last: as long as keepalived itself would wait. Adverts of others come each second unless told otherwise.
my $end = now() + (3.5 * $longest > 1200 ? 3.5 * $longest : 1200) / 1000;
while (now() < $end) {
  my $bits = "";
  vec($bits, fileno $$_[0], 1) = 1 for @ears;
  select $bits, undef, undef, 0.05;
  for my $ear (@ears) { for (1 .. 200) { heard(@$ear) or last } }
  answer("same") if !grep { !$$_{agrees} } @instances;
}
answer("silent");
sub answer { print "$_[0]\n"; exit }
sub heard {
  my ($s, $family) = @_;
  my $from = recv $s, my $packet, 4096, MSG_DONTWAIT;
  return 0 unless defined $from;
  my ($source, $protocol) = ($family == AF_INET6 ? (unpack_sockaddr_in6($from))[1] : (unpack_sockaddr_in($from))[1], 112);
  if ($family == AF_INET) {
    return 1 if length $packet < 20;
    # keepalived drops what a router has passed on.
    return 1 if ord(substr $packet, 8, 1) != 255;
    $protocol = ord substr $packet, 9, 1;
    $packet = substr $packet, (ord($packet) & 15) * 4;
  }
  if ($protocol == 51) {
    return 1 if length $packet < 12 || ord($packet) != 112;
    $packet = substr $packet, (ord(substr $packet, 1, 1) + 2) * 4;
  }
  return 1 if length $packet < 8;
  my ($kind, $id, $priority, $count, $auth, $second) = unpack "C6", $packet;
  my $version = $kind >> 4;
  # Router id 0 is a probe of ours, priority 0 a goodbye.
  return 1 if ($kind & 15) != 1 || !$id || !$priority;
  my $interval = $version == 2 ? 1000 * $second : 10 * (unpack("x4 n", $packet) & 0x0fff);
  my $size = $family == AF_INET6 ? 16 : 4;
  return 1 if length $packet < 8 + $count * $size;
  my @vips = map { substr $packet, 8 + $_ * $size, $size } 0 .. $count - 1;
  my $said = terms($version, $interval, $version == 2 ? $auth : 0, @vips);
  for my $i (@instances) {
    next if $$i{size} != $size;
    my $has_mine = grep { $$i{vips}{$_} } @vips;
    # keepalived does not heed who is no peer of it: another router's number is no affair of ours then, a VIP is.
    my $is_peer = !%{$$i{peers} // {}} || $$i{peers}{$source};
    next if !$has_mine && !($is_peer && $$i{id} == $id);
    answer("other") if !$is_peer;
    my $secret = substr $packet, 8 + $count * $size, 8;
    my $is_same = $$i{id} == $id && $$i{terms} eq $said && ($$i{auth} != 1 || $secret eq pack "a8", $pass{$$i{name}} // "");
    answer("other") if !$is_same;
    $$i{agrees} = 1;
  }
  return 1;
}
`;
