/**
 * Perl that connects to a socket of this host: a sub `unix_stream($path)`, undefined where nobody listens. Without the module Socket, which
 * takes a host twice as long to load as perl itself, at every run and every second in keepalived's scripts: AF_UNIX and SOCK_STREAM
 * are 1 on every architecture of Debian and Ubuntu but MIPS (include/linux/socket.h and net.h of Linux, arch/mips/include/asm/socket.h).
 */
export const unixStream = String.raw`
sub unix_stream {
  my ($path) = @_;
  my $s;
  return socket($s, 1, 1, 0) && connect($s, pack "S Z*", 1, $path) ? $s : undef;
}
`;
