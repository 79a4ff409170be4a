import { canonicalAddress } from '../../cluster/values/address.js';
import { sh } from '../../remote/shell.js';
import type { Fact } from '../fact.js';

/** Who is to look a server's name up while HAProxy runs. */
export type Lookup =
  /** HAProxy itself, from the DNS, by a name that needs no search domain. */
  | { readonly by: 'dns'; readonly name: string }
  /** The host's libc, once, as HAProxy starts: only /etc/hosts or another source of nsswitch.conf knows it. */
  | { readonly by: 'libc' };

/** How a host finds servers that are named. */
export interface ServerNames {
  /** IP addresses of the name servers, at most three; the last known ones where /etc/resolv.conf has none; none where HAProxy can ask none. */
  readonly nameservers: readonly string[];
  lookup(name: string): Lookup;
}

/** How a `server` line says who looks its name up: HAProxy's configuration manual, 5.2, init-addr. */
export const initAddr = { libc: 'last,libc,none', dns: 'last,none' } as const;

/** Seconds that the sources of names may take, all names at once. */
const patience = 3;

/**
 * A name server that is silent must be told from one that says no: with these options libc does not give up before `timeout` ends
 * it, and comes to the third name server all the same.
 */
const libcOptions = 'timeout:1 attempts:4';

/**
 * How this host finds the servers of these names, all asked for at once. A name is the DNS's unless something else positively knows it. What nobody
 * answers for at this moment stays what the host's present configuration makes of it, so that an outage changes nothing.
 * @param config path of the present haproxy.cfg, as the built-in template writes it
 */
export function serverNames(names: readonly string[], config: string): Fact<ServerNames> {
  return {
    id: `server-names:${names.join(',')}`,
    command: sh`(
set -f
present() { sed -n "$1" ${config} 2>/dev/null; }
configured() { sed -n "s/^[[:blank:]]*\\($1\\)[[:blank:]]/$2/p" /etc/resolv.conf 2>/dev/null; }
present ${wasLookedUpBy('libc')}
present ${wasLookedUpBy('dns')}
present 's/^ *nameserver dns[0-9] \\(.*\\):53$/had \\1/p'
configured 'nameserver\\|search\\|domain\\|options' '\\1 '
ask() {
  said="asked $1 $2 $3"
  shift 3
  RES_OPTIONS=${libcOptions} timeout ${patience} getent "$@" >/dev/null 2>&1
  echo "$said $?"
}
domains=$(echo $(configured 'search\\|domain' '' | tail -n 1) | cut -d ' ' -f 1-6)
for name in ${names}; do
  if getent -s hosts:files ahosts "$name" >/dev/null 2>&1; then echo "asked files $name - 0"; continue; fi
  ask all "$name" - ahosts "$name" &
  ask dns "$name" "\${name%.}" -s hosts:dns ahosts "\${name%.}." &
  case $name in *.) continue ;; esac
  for domain in $domains; do ask dns "$name" "$name.\${domain%.}" -s hosts:dns ahosts "$name.\${domain%.}." & done
done
wait
)`,
    parse: ({ stdout }) => parse(stdout),
  };
}

/** For sed: the servers of the present configuration whose names are looked up so. */
function wasLookedUpBy(by: Lookup['by']): string {
  return String.raw`s/^ *server [^ ]* \([^ ]*\):[0-9]* .*init-addr ${initAddr[by]}.*/was ${by} \1/p`;
}

/** What timeout(1) exits with when the time is up; a name that nobody knows is 2 (getent(1)). */
const silent = 124;

/** The words behind a keyword, of every line that begins with one of these. */
type Said = (...keywords: readonly string[]) => readonly (readonly string[])[];

function parse(stdout: string): ServerNames {
  const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  const said: Said = (...keywords) =>
    lines.filter(([first = '']) => keywords.includes(first)).map(([, ...words]) => words);
  const nameservers = nameserversOf(said);
  const known = { asked: said('asked'), was: said('was'), isUsable: nameservers.length > 0, ...searchOf(said) };
  return { nameservers, lookup: (name) => lookup(name, known) };
}

interface Known extends Search {
  /** Source, name, what the DNS was asked for, exit code. */
  readonly asked: readonly (readonly string[])[];
  /** `libc` or `dns`, and the name in the present configuration. */
  readonly was: readonly (readonly string[])[];
  /** HAProxy can ask the DNS: a name server of this host has an address that it takes. */
  readonly isUsable: boolean;
}

interface Search {
  readonly domains: readonly string[];
  /** With fewer dots a name is looked for in the search domains first. */
  readonly ndots: number;
}

/** The last line of domains counts, and not every glibc takes more than six (resolv.conf(5)). */
function searchOf(said: Said): Search {
  const [domains = []] = said('search', 'domain').slice(-1);
  const [, ndots = '1'] = /\bndots:(\d{1,2})\b/.exec(said('options').flat().join(' ')) ?? [];
  return { domains: domains.slice(0, 6).map(withoutDot).filter(isDomain), ndots: Number(ndots) };
}

/**
 * As libc has it: the first three, and the host itself where there is none (resolv.conf(5)). HAProxy takes no zone id: where all have one, it
 * can ask none.
 */
function nameserversOf(said: Said): string[] {
  const addresses = (keyword: string) => said(keyword).flatMap(([text = '']) => canonicalAddress(text) ?? []);
  const found = [...new Set(addresses('nameserver'))].slice(0, 3);
  if (found.length > 0) return found;
  const last = addresses('had');
  if (last.length > 0) return last.slice(0, 3);
  return said('nameserver').length > 0 ? [] : ['127.0.0.1'];
}

function lookup(name: string, { asked, was, isUsable, ...search }: Known): Lookup {
  const answers = asked.filter(([, of]) => of === name);
  const codes = (source: string) => answers.filter(([of]) => of === source).map(([, , , code]) => Number(code));
  if (codes('files').includes(0)) return { by: 'libc' };
  const candidates = candidatesOf(name, search);
  const isFound = (candidate: string): boolean =>
    answers.some(([source, , of, code]) => source === 'dns' && of === candidate && code === '0');
  const found = candidates.find(isFound);
  const [by, before] = was.find(([, text = '']) => text === name || candidates.includes(text)) ?? [];
  // While the one that it had is not answered for, another may be a wildcard that has nothing to do with it.
  const isOut = by === 'dns' && before !== undefined && !isFound(before);
  if (found !== undefined && isUsable) return { by: 'dns', name: withoutDot(isOut ? before : found) };
  if (found !== undefined) return { by: 'libc' };
  if (codes('all').includes(0) && !codes('dns').includes(silent)) return { by: 'libc' };
  if (by === 'libc' || !isUsable) return { by: 'libc' };
  return { by: 'dns', name: withoutDot(before ?? candidates[0] ?? name) };
}

/** What libc asks the DNS for, in its order. HAProxy knows of no search domains. */
function candidatesOf(name: string, { domains, ndots }: Search): string[] {
  if (name.endsWith('.')) return [withoutDot(name)];
  const searched = domains.map((domain) => `${name}.${domain}`);
  return name.split('.').length > ndots ? [name, ...searched] : [...searched, name];
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}

function isDomain(text: string): boolean {
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(text) && text.length < 200;
}
