import { Content } from '../src/cluster/content.js';
import { type FileResource, managedFile } from '../src/resources/managed-file.js';
import { paths } from './paths.js';

/** The scripts by which keepalived asks HAProxy, once a second. */
export function trackers(): readonly FileResource[] {
  return [script(paths.healthScript, healthScript), script(paths.serversScript, serversScript)];
}

function script(path: string, text: string): FileResource {
  return managedFile({ path, content: Content.of(text), mode: '0755', owner: 'root:root' });
}

/** Asks HAProxy for an answer, not only for a connection: the kernel completes handshakes for a stopped process. */
export const healthScript = asking(paths.healthSocket, {
  says: 'exits 0 when HAProxy answers',
  silent: 1,
  verdict: 'm{^HTTP/1\\.[01] 200 } ? 0 : 1',
});

/** Fails by a clear no alone: an HAProxy that does not answer is for the other script to notice. */
export const serversScript = asking(paths.serversSocket, {
  says: 'exits 1 when HAProxy says that no server answers it',
  silent: 0,
  verdict: 'm{^HTTP/1\\.[01] 503 } ? 1 : 0',
});

interface Asking {
  readonly says: string;
  /** The exit code where no answer comes. */
  readonly silent: 0 | 1;
  /** The exit code by the first line of the answer, in Perl. */
  readonly verdict: string;
}

function asking(socket: string, { says, silent, verdict }: Asking): string {
  return `#!/usr/bin/perl
# Written by ha-deploy. Run by keepalived as ${paths.scriptUser}: ${says}.
use strict;
use warnings;
use Socket;
$SIG{ALRM} = sub { exit ${silent} };
alarm 1;
my $haproxy;
socket($haproxy, AF_UNIX, SOCK_STREAM, 0) && connect($haproxy, pack_sockaddr_un('${socket}')) or exit ${silent};
syswrite $haproxy, "GET / HTTP/1.0\\r\\n\\r\\n";
exit((<$haproxy> // '') =~ ${verdict});
`;
}
