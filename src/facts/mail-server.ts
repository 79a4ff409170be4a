import { canonicalAddress, familyOf } from '../cluster/address.js';
import type { Cluster } from '../cluster/cluster.js';
import { sh } from '../remote/shell.js';
import { type Fact, unreadable } from './fact.js';

/** Where mail goes: an address, since keepalived waits for the DNS when it reads a name, at a start and at each reload. */
export type MailServer =
  | { readonly address: string }
  /** The host finds no address for the name, so that no mail can go out. */
  | 'unresolved'
  /** Nobody could be asked, as where nothing is rendered for a real host. */
  | 'unasked';

const config = '/etc/keepalived/keepalived.conf';

/** Undefined where no mail is sent, and for a server that is given by its address. */
export function mailServer({ vrrp: { email } }: Pick<Cluster, 'vrrp'>): Fact<MailServer> | undefined {
  if (email === undefined || canonicalAddress(email.smtpServer) !== undefined) return undefined;
  const { smtpServer } = email;
  return {
    id: `mail-server:${smtpServer}`,
    command: sh`sed -n 's/^[[:space:]]*smtp_server[[:space:]]*\\([0-9a-f.:]*\\)[[:space:]]*$/now \\1/p' ${config} 2>/dev/null
RES_OPTIONS=${resolution} timeout ${patience} getent ahosts ${smtpServer} | cut -d ' ' -f 1 | sort -u
echo asked`,
    parse: ({ exitCode, stdout }) => (exitCode === 0 ? parse(stdout) : 'unasked'),
  };
}

/** Seconds for all that getent tries; mail is worth no more. */
const patience = 4;

const resolution = 'timeout:1 attempts:2';

/** The one that is in use stays, as long as it is one of the name's. */
function parse(stdout: string): MailServer {
  const lines = stdout.split('\n').slice(0, -1);
  if (lines.pop() !== 'asked') throw unreadable('looking up the mail server was cut short');
  const now = lines.flatMap((line) => /^now (.*)$/.exec(line)?.[1] ?? [])[0];
  const found = lines.filter((line) => !line.startsWith('now ')).map(addressOf);
  if (now !== undefined && (found.length === 0 || found.includes(now))) return { address: now };
  // IPv4 first, and always the same of several.
  const [first] = found.toSorted((one, other) => familyOf(one) - familyOf(other) || (one < other ? -1 : 1));
  return first === undefined ? 'unresolved' : { address: first };
}

function addressOf(line: string): string {
  const address = canonicalAddress(line);
  if (address === undefined) throw unreadable('looking up the mail server printed an odd address');
  return address;
}
