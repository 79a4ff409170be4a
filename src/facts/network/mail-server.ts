import type { Cluster } from '../../cluster/cluster.js';
import { canonicalAddress, familyOf } from '../../cluster/values/address.js';
import { sh } from '../../remote/shell.js';
import { type Fact, unreadable } from '../fact.js';

/** Where mail goes: an address, since keepalived waits for the DNS when it reads a name, at a start and at each reload. */
export type MailServer =
  | { readonly address: string }
  /** The host finds no address for the name, so that no mail can go out. */
  | 'unresolved'
  /** Nobody could be asked, as where nothing is rendered for a real host. */
  | 'unasked';

const config = '/etc/keepalived/keepalived.conf';

/**
 * Undefined where no mail is sent, and for a server that is given by its address. The DNS may answer something else each time, and what is
 * wanted must not change by itself: the address in use stays while the name stands beside it and still has it, or it was written within a
 * day, or something listens there.
 */
export function mailServer({ vrrp: { email } }: Pick<Cluster, 'vrrp'>): Fact<MailServer> | undefined {
  if (email === undefined || canonicalAddress(email.smtpServer) !== undefined) return undefined;
  const { smtpServer } = email;
  return {
    id: `mail-server:${smtpServer}`,
    command: sh`name=${smtpServer}
now=$(grep -qxF "    ! $name: ${mailNote}" ${config} 2>/dev/null && sed -n 's/^ *smtp_server \\([0-9a-f.:]*\\)$/\\1/p' ${config})
[ -z "$now" ] || echo "now $now"
if [ "$now" ] && { [ "$(find ${config} -mmin -1440)" ] || perl -MSocket=:all -e ${listens} "$now"; }; then echo asked; exit 0; fi
RES_OPTIONS=${resolution} timeout ${patience} getent ahosts "$name" | cut -d ' ' -f 1 | sort -u
echo asked`,
    parse: ({ exitCode, stdout }) => (exitCode === 0 ? parse(stdout) : 'unasked'),
  };
}

/** What stands behind the name in a comment above its address. */
export const mailNote = 'a name would be looked up at each start and reload, before any advert.';

/** Seconds for all that getent tries; mail is worth no more. */
const patience = 4;

const resolution = 'timeout:1 attempts:2';

const listens = String.raw`my ($to) = @ARGV;
my $six = $to =~ /:/;
alarm 2;
socket(my $s, $six ? AF_INET6 : AF_INET, SOCK_STREAM, 0) or exit 1;
exit !connect $s, $six ? pack_sockaddr_in6(25, inet_pton(AF_INET6, $to)) : pack_sockaddr_in(25, inet_aton($to));`;

/** The one that is in use stays, as long as it is one of the name's. */
function parse(stdout: string): MailServer {
  const lines = stdout.split('\n').slice(0, -1);
  if (lines.pop() !== 'asked') throw unreadable('looking up the mail server was cut short');
  const now = lines.flatMap((line) => /^now (.*)$/.exec(line)?.[1] ?? [])[0];
  // One with a zone is of this link alone, and no use in a file.
  const found = lines.filter((line) => !line.startsWith('now ')).flatMap((line) => canonicalAddress(line) ?? []);
  if (now !== undefined && (found.length === 0 || found.includes(now))) return { address: now };
  // IPv4 first, and always the same of several.
  const [first] = found.toSorted((one, other) => familyOf(one) - familyOf(other) || (one < other ? -1 : 1));
  return first === undefined ? 'unresolved' : { address: first };
}
