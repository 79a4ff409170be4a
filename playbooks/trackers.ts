import { Content } from '../src/cluster/secrets/content.js';
import { unixStream } from '../src/facts/unix-stream.js';
import { type FileResource, managedFile } from '../src/resources/kinds/managed-file.js';
import { paths } from './paths.js';

/** The scripts by which keepalived asks HAProxy, once a second. */
export function trackers(): readonly FileResource[] {
  return [script(paths.healthScript, healthScript), script(paths.serversScript, serversScript)];
}

function script(path: string, text: string): FileResource {
  return managedFile({ path, content: Content.of(text), mode: '0755', owner: 'root:root' });
}

/** How long HAProxy may take to answer, milliseconds. */
export const healthPatienceMs = 2000;

/**
 * Asks HAProxy for an answer, not only for a connection: the kernel completes handshakes for a stopped process. Then it stays
 * connected, for as many seconds as it is given: the kernel hangs up for a process that dies, long before systemd has run its hooks.
 * A death is certain, so that keepalived takes it from one failure; that a stall is none is seen to here, by patience.
 */
export const healthScript = `${headOf('exits 1 when HAProxy does not answer, or dies within the seconds of the argument')}
$SIG{ALRM} = sub { exit 1 };
$SIG{PIPE} = 'IGNORE';
my $patience = ${healthPatienceMs / 1000};
alarm $patience;
sub haproxy {
  return unix_stream('${paths.healthSocket}') // exit 1;
}
# The seconds that are left when there is something to read.
sub left {
  my ($haproxy, $seconds) = @_;
  vec(my $readable = '', fileno $haproxy, 1) = 1;
  my ($found, $left) = select $readable, undef, undef, $seconds;
  return $found ? $left : 0;
}
# The seconds that are left when it has answered.
sub answers {
  my ($seconds) = @_;
  my $haproxy = haproxy();
  syswrite $haproxy, "GET / HTTP/1.0\\r\\n\\r\\n";
  my $left = left($haproxy, $seconds);
  return (<$haproxy> // '') =~ m{^HTTP/1\\.[01] 200 } ? $left : undef;
}
# A worker that a reload ends hangs up on who has not asked yet: another one is there.
my $left = answers($ARGV[0] // 0) // answers(0) // exit 1;
# After a start keepalived waits for the verdict.
my $age = time - ((stat '${paths.servingFlag}')[9] // 0);
exit 0 if $left == 0 || $age >= 0 && $age < 3;
my $watched = haproxy();
alarm 0;
my $ended = left($watched, $left) > 0;
alarm $patience;
haproxy() if $ended;
exit 0;
`;

/** Fails by a clear no alone: an HAProxy that does not answer is for the other script to notice. */
export const serversScript = `${headOf('exits 1 when HAProxy says that no server answers it')}
$SIG{ALRM} = sub { exit 0 };
alarm 1;
my $haproxy = unix_stream('${paths.serversSocket}') // exit 0;
syswrite $haproxy, "GET / HTTP/1.0\\r\\n\\r\\n";
exit((<$haproxy> // '') =~ m{^HTTP/1\\.[01] 503 } ? 1 : 0);
`;

function headOf(says: string): string {
  return `#!/usr/bin/perl
# Written by ha-deploy. Run by keepalived as ${paths.scriptUser}: ${says}.
use strict;
use warnings;
${unixStream.trim()}`;
}
