import type { Bind, Proxy } from '../daemons/haproxy-model.js';
import type { Tracked } from '../daemons/keepalived-trackers.js';
import type { LintHost } from '../daemons/lint-input.js';

/**
 * Whether a tracker is a script that is known to ask HAProxy through this frontend: one of ours, or one whose command line names the
 * frontend's socket, or a URL there for curl or wget. What other scripts do nobody knows.
 */
export function asksThrough({ kind, program, subject }: Tracked, proxy: Proxy, host: LintHost | undefined): boolean {
  // A script that only breaks a tie fails on an explicit no.
  if (kind !== 'script' || host?.tieBreakers.includes(program) === true) return false;
  const known = host?.asks.get(program);
  if (known !== undefined) return proxy.sockets.includes(known);
  const words = subject.split(/[\s"',:=@]+/);
  if (proxy.sockets.some((socket) => words.includes(socket))) return true;
  return (
    /(^|[\s/])(curl|wget)\s/.test(subject) && urlsIn(subject).some((url) => proxy.binds.some((bind) => isAt(url, bind)))
  );
}

function urlsIn(text: string): URL[] {
  return [...text.matchAll(/https?:\/\/[^\s"'<>]+/g)].flatMap(([found]) => (URL.canParse(found) ? new URL(found) : []));
}

function isAt({ protocol, port, hostname }: URL, { address, port: listened }: Bind): boolean {
  const asked = Number(port) || (protocol === 'https:' ? 443 : 80);
  const name = hostname.replace(/^\[(.*)\]$/, '$1');
  return (
    asked === listened && (address === '*' || (name === 'localhost' ? ['127.0.0.1', '::1'] : [name]).includes(address))
  );
}
