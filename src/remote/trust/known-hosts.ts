import { createHmac } from 'node:crypto';
import { type HostKey, hostKeyOf } from './host-key.js';

/** One line of a known_hosts file. */
export interface KnownHost {
  readonly marker?: 'cert-authority' | 'revoked' | undefined;
  /** The first field, as written. */
  readonly names: string;
  readonly key: HostKey;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

export type KeyVerdict =
  | { readonly status: 'known' }
  | { readonly status: 'unknown' }
  /** There are other keys for this host, and not this one; `by` is the entry that contradicts. */
  | { readonly status: 'changed'; readonly by: KnownHost }
  | { readonly status: 'revoked'; readonly by: KnownHost };

/** Lines that are no entry are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line, index) => parseLine(line, file, index + 1) ?? []);
}

/** What is known of a host. To find it costs a digest for each hashed line and name: it is found once, for all questions. */
export interface Acquaintance {
  /** The lines about it under its port, in the order of the files. */
  readonly named: readonly KnownHost[];
  /** Those about its plain name, which is good for every port. */
  readonly plain: readonly KnownHost[];
}

export function acquaintance(entries: readonly KnownHost[], host: string, port: number): Acquaintance {
  const about = (name: string): readonly KnownHost[] => entries.filter((entry) => matches(entry, name));
  const named = about(lookupName(host, port));
  return { named, plain: port === 22 ? named : about(lookupName(host, 22)) };
}

/**
 * Whether `key` is this host's. An authority alone trusts no plain key. As in OpenSSH, a key of another type than those known
 * counts as changed: the known types are asked for first, so an honest server would have shown one of them.
 */
export function judgeHostKey({ named, plain }: Acquaintance, key: HostKey): KeyVerdict {
  const same = (entry: KnownHost): boolean => entry.key.blob.equals(key.blob);
  const revoked = [...named, ...plain].find((entry) => entry.marker === 'revoked' && same(entry));
  if (revoked !== undefined) return { status: 'revoked', by: revoked };
  const trusted = named.filter(isPlainTrust);
  if (trusted.some(same)) return { status: 'known' };
  const other = trusted.find((entry) => entry.key.type === key.type) ?? trusted[0];
  if (other !== undefined) return { status: 'changed', by: other };
  // As OpenSSH: the same key under the plain name is good for every port.
  return plain.some((entry) => isPlainTrust(entry) && same(entry)) ? { status: 'known' } : { status: 'unknown' };
}

/** The key types that the files have for a host, in their order. */
export function knownKeyTypes({ named, plain }: Acquaintance): readonly string[] {
  const [types = []] = [named, plain].map((entries) => entries.filter(isPlainTrust)).filter(({ length }) => length > 0);
  return [...new Set(types.map((entry) => entry.key.type))];
}

/** Whether the host is known by an authority that signs its key, and not by the key itself. */
export function isKnownByAuthority(host: Acquaintance): boolean {
  // As with keys, what is known of the plain name is good for every port.
  const isByAuthority = [...host.named, ...host.plain].some((entry) => entry.marker === 'cert-authority');
  return isByAuthority && knownKeyTypes(host).length === 0;
}

function isPlainTrust({ marker }: KnownHost): boolean {
  return marker === undefined;
}

/** An entry whose name is hashed, as `ssh-keygen -H` writes it, without its newline. @param salt 20 random bytes */
export function hashedEntry(host: string, port: number, key: HostKey, salt: Buffer): string {
  const hash = hashName(salt, lookupName(host, port)).toString('base64');
  return `|1|${salt.toString('base64')}|${hash} ${key.type} ${key.blob.toString('base64')}`;
}

/** An entry that can be read, without its newline. */
export function plainEntry(host: string, port: number, key: HostKey): string {
  return `${lookupName(host, port)} ${key.type} ${key.blob.toString('base64')}`;
}

/** The name that a host goes by in the file: `[host]:port` where the port is not 22. */
export function lookupName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** Whether an entry is about a name. @internal tests compare it with ssh-keygen */
export function matches(entry: Pick<KnownHost, 'names'>, name: string): boolean {
  if (entry.names.startsWith('|')) return matchesHash(entry.names, name);
  let found = false;
  for (const pattern of entry.names.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

function parseLine(line: string, file: string, number: number): KnownHost | undefined {
  const fields = line.trim().split(/[ \t]+/);
  const first = fields[0] ?? '';
  if (first === '' || first.startsWith('#')) return undefined;
  const marker = first === '@cert-authority' ? 'cert-authority' : first === '@revoked' ? 'revoked' : undefined;
  if (marker === undefined && first.startsWith('@')) return undefined;
  const [names, type, base64] = marker === undefined ? fields : fields.slice(1);
  if (names === undefined || type === undefined || base64 === undefined) return undefined;
  const key = hostKeyOf(Buffer.from(base64, 'base64'));
  return key?.type === type ? { marker, names, key, file, line: number } : undefined;
}

function matchesHash(names: string, name: string): boolean {
  const [, version, salt, hash] = names.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  return hashName(Buffer.from(salt, 'base64'), name).equals(Buffer.from(hash, 'base64'));
}

function hashName(salt: Buffer, name: string): Buffer {
  return createHmac('sha1', salt).update(name).digest();
}

/** `*` stands for any characters, `?` for one. Without backtracking over more than the last star. */
function matchesPattern(pattern: string, name: string): boolean {
  let p = 0;
  let star = -1;
  let resume = 0;
  for (let n = 0; n < name.length; ) {
    if (pattern[p] === '*') {
      star = p++;
      resume = n;
    } else if (pattern[p] === '?' || pattern[p] === name[n]) {
      p++;
      n++;
    } else if (star !== -1) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(p));
}
