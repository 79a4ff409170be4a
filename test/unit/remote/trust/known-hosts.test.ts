import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { fingerprint, type HostKey } from '../../../../src/remote/trust/host-key.js';
import {
  acquaintance,
  hashedEntry,
  isKnownByAuthority,
  judgeHostKey,
  type KnownHost,
  knownKeyTypes,
  lookupName,
  matches,
  parseKnownHosts,
} from '../../../../src/remote/trust/known-hosts.js';
import { appendKnownHost, KnownHostsFiles } from '../../../../src/remote/trust/known-hosts-file.js';
import { seed } from '../../../support/hostile.js';
import { keygen } from '../../../support/ssh/keys.js';
import { cases } from '../../../support/thoroughness.js';

/** A key that no one has the private half of; the first bytes say what it is. */
function key(type: string, fill: number): HostKey {
  const field = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const blob = Buffer.concat([field(Buffer.from(type)), field(Buffer.alloc(32, fill))]);
  return { type, blob };
}

const ed25519 = (fill: number): HostKey => key('ssh-ed25519', fill);

function entry(names: string, { type, blob }: HostKey, marker = ''): string {
  return `${marker}${names} ${type} ${blob.toString('base64')}`;
}

const folder = mkdtempSync(join(tmpdir(), 'ha-deploy-known-hosts-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a line of known_hosts', () => {
  it('may have a comment, tabs, a marker and Windows line ends; others are passed over', () => {
    const text = [
      '# a comment',
      '',
      `  a.example,192.0.2.1\tssh-ed25519\t${ed25519(1).blob.toString('base64')} someone@somewhere else\r`,
      entry('*', ed25519(2), '@cert-authority '),
      entry('b', ed25519(3), '@revoked '),
      entry('c', ed25519(4), '@unknown '),
      'd ssh-ed25519',
      'e ssh-ed25519 AAAA',
      `f ssh-rsa ${ed25519(5).blob.toString('base64')}`,
    ].join('\n');
    expect(parseKnownHosts(text, '/known')).toEqual([
      { marker: undefined, names: 'a.example,192.0.2.1', key: ed25519(1), file: '/known', line: 3 },
      { marker: 'cert-authority', names: '*', key: ed25519(2), file: '/known', line: 4 },
      { marker: 'revoked', names: 'b', key: ed25519(3), file: '/known', line: 5 },
    ]);
  });
});

describe('verify', () => {
  const at = (line: number): unknown => expect.objectContaining({ file: '/known', line });
  const known = ed25519(1);
  const other = ed25519(2);
  const rsa = key('ssh-rsa', 3);
  const check = (lines: readonly string[], shown: HostKey, port = 22): unknown =>
    judgeHostKey(acquaintance(parseKnownHosts(lines.join('\n'), '/known'), 'Host.Example', port), shown);

  it('knows a key that is there', () => {
    expect(check([entry('host.example', known)], known)).toEqual({ status: 'known' });
    expect(check([entry('host.example', other), entry('host.example', known)], known)).toEqual({ status: 'known' });
  });

  it('does not know a host that is not there', () => {
    expect(check([], known)).toEqual({ status: 'unknown' });
    expect(check([entry('example', known), entry('[host.example]:2222', known)], known)).toEqual({ status: 'unknown' });
  });

  it('tells of the line that contradicts', () => {
    expect(check(['# comment', entry('host.example', rsa), entry('*.example', other)], known)).toEqual({
      status: 'changed',
      by: at(3),
    });
  });

  it('takes a key of a type that was not known for a change', () => {
    expect(check([entry('host.example', rsa)], known)).toEqual({ status: 'changed', by: at(1) });
  });

  it('minds the port, and trusts the key of the plain name on any', () => {
    expect(check([entry('[host.example]:2222', known)], known, 2222)).toEqual({ status: 'known' });
    expect(check([entry('[host.example]:2222', other), entry('host.example', known)], known, 2222)).toEqual({
      status: 'changed',
      by: at(1),
    });
    expect(check([entry('host.example', known)], known, 2222)).toEqual({ status: 'known' });
    expect(check([entry('host.example', other)], known, 2222)).toEqual({ status: 'unknown' });
  });

  it('refuses a revoked key, whatever else is there', () => {
    expect(check([entry('host.example', known), entry('*', known, '@revoked ')], known)).toEqual({
      status: 'revoked',
      by: at(2),
    });
    expect(check([entry('host.example', known), entry('*', other, '@revoked ')], known)).toEqual({ status: 'known' });
    expect(check([entry('host.example', known, '@revoked ')], known, 2222)).toEqual({ status: 'revoked', by: at(1) });
  });

  it('trusts no plain key by an authority', () => {
    expect(check([entry('*', known, '@cert-authority ')], known)).toEqual({ status: 'unknown' });
  });

  it('leaves a host to an authority, on any port, where its own key is not known', () => {
    const authority = entry('*.example', other, '@cert-authority ');
    const isLeft = (lines: readonly string[], port: number): boolean =>
      isKnownByAuthority(acquaintance(parseKnownHosts(lines.join('\n'), '/known'), 'host.example', port));
    expect([22, 2222].map((port) => isLeft([authority], port))).toEqual([true, true]);
    expect(isLeft([authority, entry('host.example', known)], 22)).toBe(false);
    expect(isLeft([entry('*.elsewhere', other, '@cert-authority ')], 22)).toBe(false);
  });
});

it('is asked for each name once, whatever is to be found out', () => {
  let asked = 0;
  const names = (of: string): KnownHost => ({
    key: ed25519(1),
    file: '/known',
    line: 1,
    get names() {
      asked++;
      return of;
    },
  });
  const host = acquaintance([names('a')], 'a', 22);
  knownKeyTypes(host);
  isKnownByAuthority(host);
  judgeHostKey(host, ed25519(1));
  const inOnePass = asked;
  asked = 0;
  acquaintance([names('a')], 'a', 22);
  expect(inOnePass).toBe(asked);
});

describe('knownKeyTypes', () => {
  it('are the types of the host, by port or else by name', () => {
    const entries = parseKnownHosts(
      [
        entry('a', key('ssh-rsa', 1)),
        entry('a,b', ed25519(1)),
        entry('[a]:2222', key('ecdsa-sha2-nistp256', 1)),
        entry('*', ed25519(2), '@revoked '),
      ].join('\n'),
      '/known',
    );
    expect(knownKeyTypes(acquaintance(entries, 'a', 22))).toEqual(['ssh-rsa', 'ssh-ed25519']);
    expect(knownKeyTypes(acquaintance(entries, 'a', 2222))).toEqual(['ecdsa-sha2-nistp256']);
    expect(knownKeyTypes(acquaintance(entries, 'b', 2222))).toEqual(['ssh-ed25519']);
    expect(knownKeyTypes(acquaintance(entries, 'c', 22))).toEqual([]);
  });
});

describe('against ssh-keygen', () => {
  const hosts = ['a', 'b.example', 'host1.example.com', '192.0.2.1', '2001:db8::1', 'HOST2'];
  const lookups = hosts.flatMap((host) => [22, 2222].map((port) => ({ host, port, name: lookupName(host, port) })));
  const real = ed25519(1);
  const characters = fc.constantFrom('*', '?', 'a', 'b', '1', '.', '[', ']', ':', '2', '!');
  const pattern = fc.oneof(
    fc.constantFrom(...lookups.map(({ name }) => name)),
    fc.string({ unit: characters, minLength: 1, maxLength: 8 }),
    fc.constantFrom('*', '*.example', 'host?.example.com', '!b.example', '192.0.2.*', '[*]:2222', '*a*b*', 'Host2'),
  );
  const names = fc.array(pattern, { minLength: 1, maxLength: 4 }).map((patterns) => patterns.join(','));
  const markers = fc.constantFrom('', '', '', '@revoked ', '@cert-authority ');
  const plain = fc.tuple(markers, names).map(([marker, list]) => entry(list, real, marker));
  const hashed = fc.constantFrom(...lookups).map(({ host, port }) => hashedEntry(host, port, real, randomBytes(20)));

  it('-F finds the same lines', () => {
    const file = join(folder, 'generated');
    const lines = fc.sample(fc.oneof(plain, hashed), { numRuns: cases(100), seed });
    writeFileSync(file, lines.map((text) => `${text}\n`).join(''));
    const entries = parseKnownHosts(lines.join('\n'), file);
    for (const { name } of lookups) {
      const output = keygen(['-F', name, '-f', file]);
      const found = [...output.matchAll(/found: line (\d+)/g)].map(([, number]) => lines[Number(number) - 1]);
      const ours = entries.filter((each) => matches(each, name)).map((each) => lines[each.line - 1]);
      expect({ name, found: ours }).toEqual({ name, found });
    }
  });

  it('-H makes what is read', () => {
    const file = join(folder, 'hashed');
    writeFileSync(file, `${entry('b.example,192.0.2.1', real)}\n${entry('[b.example]:2222', real)}\n`);
    keygen(['-q', '-H', '-f', file]);
    const entries = parseKnownHosts(readFileSync(file, 'utf8'), file);
    expect(entries.every((each) => each.names.startsWith('|1|'))).toBe(true);
    expect(judgeHostKey(acquaintance(entries, 'b.example', 22), real)).toEqual({ status: 'known' });
    expect(judgeHostKey(acquaintance(entries, '192.0.2.1', 22), real)).toEqual({ status: 'known' });
    expect(judgeHostKey(acquaintance(entries, 'b.example', 2222), real)).toEqual({ status: 'known' });
    expect(judgeHostKey(acquaintance(entries, 'a.example', 22), real)).toEqual({ status: 'unknown' });
  });

  it('-l prints the same fingerprint', () => {
    const file = join(folder, 'key.pub');
    writeFileSync(file, `${real.type} ${real.blob.toString('base64')}\n`);
    expect(keygen(['-l', '-f', file])).toContain(` ${fingerprint(real)} `);
  });
});

describe('the file', () => {
  const files = new KnownHostsFiles();

  it('is read once while it stays as it is', async () => {
    const path = join(folder, 'read-once');
    writeFileSync(path, `${entry('a', ed25519(1))}\n`);
    const [first, ...others] = await Promise.all([files.read([path]), files.read([path])]);
    others.push(await files.read([path]));
    for (const other of others) expect(other[0]).toBe(first[0]);
    await appendKnownHost(path, hashedEntry('b', 22, ed25519(2), randomBytes(20)));
    expect(await files.read([path])).toHaveLength(2);
  });

  it('that is missing knows no host', async () => {
    expect(await files.read([join(folder, 'missing')])).toEqual([]);
  });

  it('that is no file is an error', async () => {
    await expect(files.read([folder])).rejects.toMatchObject({ code: 'KNOWN_HOSTS_UNREADABLE' });
  });

  it('is made, for its owner only, when a host is accepted', async () => {
    const path = join(folder, 'new', '.ssh', 'known_hosts');
    await appendKnownHost(path, hashedEntry('a', 2222, ed25519(1), randomBytes(20)));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(judgeHostKey(acquaintance(await files.read([path]), 'a', 2222), ed25519(1))).toEqual({ status: 'known' });
    expect(readFileSync(path, 'utf8')).not.toContain('2222');
  });

  it('keeps what is there, also a last line without its end', async () => {
    const path = join(folder, 'unended');
    writeFileSync(path, entry('a', ed25519(1)));
    await Promise.all(
      [2, 3, 4].map(async (fill) => appendKnownHost(path, hashedEntry(`h${fill}`, 22, ed25519(fill), randomBytes(20)))),
    );
    const entries = await files.read([path]);
    for (const [index, host] of ['a', 'h2', 'h3', 'h4'].entries()) {
      expect(judgeHostKey(acquaintance(entries, host, 22), ed25519(index + 1))).toEqual({ status: 'known' });
    }
  });
});
