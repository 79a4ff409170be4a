import { describe, expect, test } from 'vitest';
import { parseHaproxy } from '../../../../src/lint/daemons/haproxy-cfg.js';
import { readHaproxy } from '../../../../src/lint/daemons/haproxy-model.js';

const read = (text: string) => readHaproxy({ file: 'haproxy.cfg', text }).proxies;

test('the text is sections of words, with quotes and escapes undone', () => {
  const text = 'global\n  daemon # yes\n\nfrontend web\n  acl a path "/x y" \'z#\' b\\ c\\#d # no\n';
  expect(parseHaproxy({ file: 'haproxy.cfg', text })).toEqual([
    { keyword: 'global', name: '', line: 1, from: undefined, directives: [{ line: 2, words: ['daemon'] }] },
    {
      keyword: 'frontend',
      name: 'web',
      line: 4,
      from: undefined,
      directives: [{ line: 5, words: ['acl', 'a', 'path', '/x y', 'z#', 'b c#d'] }],
    },
  ]);
});

describe('a proxy', () => {
  test('takes mode and timeouts from the defaults above it, or from those that it names', () => {
    const [one, other] = read(
      'defaults slow\nmode tcp\ntimeout client 2h\ndefaults\nmode http\ntimeout client 50000\nfrontend a\nfrontend b from slow\ntimeout client 3s\n',
    );
    expect(one).toMatchObject({ name: 'a', mode: 'http' });
    expect(one?.timeouts.get('client')).toEqual({ value: 50_000, line: 6 });
    expect(other).toMatchObject({ name: 'b', mode: 'tcp' });
    expect(other?.timeouts.get('client')).toEqual({ value: 3000, line: 9 });
  });

  test.each([
    ['192.0.2.1:80', [{ address: '192.0.2.1', port: 80 }]],
    [
      ':80,[2001:DB8::1]:443',
      [
        { address: '*', port: 80 },
        { address: '2001:db8::1', port: 443 },
      ],
    ],
    ['*:8000-8010 transparent', [{ address: '*', port: 8000, transparent: true }]],
    ['ipv4@192.0.2.1:80', [{ address: '192.0.2.1', port: 80 }]],
    ['unix@/run/x.sock mode 666', []],
    ['/run/x.sock', []],
    ['fd@3', []],
  ])('listens on %s', (bind, expected) => {
    expect(read(`frontend a\nbind ${bind}\n`)[0]?.binds).toMatchObject(expected);
  });

  test('has servers with what their defaults add', () => {
    const [backend] = read(
      'backend a\ndefault-server check-ssl verify none\nserver one 192.0.2.1:6443 check\nserver two db.example.com no-check-ssl\nserver three [2001:db8::3]:1 ssl check\n',
    );
    expect(backend?.servers).toMatchObject([
      { name: 'one', address: '192.0.2.1', port: 6443, checked: true, checkedByTls: true, verify: 'none' },
      { name: 'two', address: 'db.example.com', port: undefined, checked: false, checkedByTls: false },
      { name: 'three', address: '2001:db8::3', port: 1, checkedByTls: true },
    ]);
  });

  test.each([
    ['db.example.com:80', true],
    ['ipv4@db:80', true],
    ['db:80 init-addr last,libc', true],
    ['db:80 resolvers dns', true],
    ['db:80 init-addr none', false],
    ['db:80 init-addr last,libc,none resolvers dns', false],
    ['db:80 init-addr libc,192.0.2.1', false],
    ['192.0.2.1:80', false],
    ['[2001:db8::1]:80', false],
    ['ipv4@192.0.2.1:80', false],
    ['unix@/run/x.sock', false],
    ['/run/x.sock', false],
    ['abns@x', false],
    ['"${DB}:80"', false],
    ['_http._tcp.example.com resolvers dns', false],
  ])('wants to know a name before it starts: %s', (server, expected) => {
    expect(read(`backend a\nserver one ${server}\n`)[0]?.servers).toMatchObject([{ mustResolve: expected }]);
  });

  test('starts without the names of servers whose defaults say so', () => {
    const [first, second] =
      read('defaults\ndefault-server init-addr none\nbackend a\nserver one db:80\nserver two db:80 init-addr libc\n')[0]
        ?.servers ?? [];
    expect([first?.mustResolve, second?.mustResolve]).toEqual([false, true]);
  });
});
