import { describe, expect, test } from 'vitest';
import type { LintHost } from '../../../../src/lint/daemons/lint-input.js';
import { readPair } from '../../../../src/lint/daemons/read-lint-input.js';
import { judge } from '../../../../src/lint/rules/judge.js';
import { handMade } from '../support.js';

type Edit = readonly [what: string | RegExp, by: string];

/** What the rule says of its pair, with these edits of haproxy.cfg and keepalived.conf. */
function said({
  haproxy = [],
  keepalived = [],
  host,
}: {
  haproxy?: readonly Edit[];
  keepalived?: readonly Edit[];
  host?: LintHost;
}): string[] {
  const edited = (text: string, edits: readonly Edit[]): string =>
    edits.reduce((result, [what, by]) => {
      if (result.replace(what, by) === result) throw new Error(`nothing to replace: ${what}`);
      return result.replace(what, by);
    }, text);
  const files = handMade('HA048').map((node) => ({
    ...node,
    host,
    keepalived: { ...node.keepalived, text: edited(node.keepalived.text, keepalived) },
    haproxy: node.haproxy && { ...node.haproxy, text: edited(node.haproxy.text, haproxy) },
  }));
  return judge(readPair(files)).findings.flatMap(({ rule, message }) => (rule === 'HA048' ? [message] : []));
}

const enough: Edit = ['maxconn 2000', 'maxconn 2001'];
const command: Edit[1] = '"/usr/bin/curl --fail --silent --max-time 1 http://127.0.0.1:8405/alive"';

describe('clients may take all that HAProxy has', () => {
  test('where the limits of their frontends add up to that', () => {
    expect(said({})).toEqual([
      'the other frontends may take 2000 connections, and HAProxy has 2000: then alive does not answer keepalived',
    ]);
  });

  test.each<[string, readonly Edit[], RegExp]>([
    ['a frontend has no limit', [enough, ['    maxconn 500\n', '']], /^metrics may take all 2001 connections/],
    ['a frontend has the limit 0', [enough, ['maxconn 500', 'maxconn 0']], /^metrics may take all 2001/],
    [
      'a frontend has no limit, nor HAProxy',
      [
        ['    maxconn 2000\n', ''],
        ['    maxconn 500\n', ''],
      ],
      /^metrics may take all connections/,
    ],
    ['several have none', [enough, [/ {4}maxconn 1500\n/, ''], ['    maxconn 500\n', '']], /^web, metrics may take/],
    [
      'the limit of the defaults is too much',
      [
        ['mode tcp\n', 'mode tcp\n    maxconn 1000\n'],
        [/ {4}maxconn 1500\n/, ''],
        ['    maxconn 500\n', ''],
      ],
      /may take 2000 connections/,
    ],
  ])('where %s', (_, haproxy, expected) => {
    expect(said({ haproxy })).toEqual([expect.stringMatching(expected)]);
  });

  test('where keepalived asks through the frontend of clients, or another that serves them', () => {
    expect(said({ haproxy: [enough, ['monitor-uri /alive', 'monitor-uri /alive\n    default_backend web']] })).toEqual([
      'keepalived asks HAProxy through alive, which serves clients too: when they fill it, it does not answer',
    ]);
    const listen: Edit = ['frontend alive\n', 'listen alive\n    server a 192.0.2.201:443 check\n'];
    expect(said({ haproxy: [enough, listen] })).toEqual([
      expect.stringContaining('through alive, which serves clients'),
    ]);
  });
});

describe('nothing is said', () => {
  test.each<[string, readonly Edit[]]>([
    ['of a sum below the limit', [enough]],
    ['of a limit that nobody knows', [['    maxconn 2000\n', '']]],
    ['of a limit in a variable', [['maxconn 2000', 'maxconn "${MAX}"']]],
    ['of a frontend whose limit is in a variable', [['maxconn 500', 'maxconn "${MAX}"']]],
    [
      'of a frontend whose listeners have limits',
      [
        ['    maxconn 500\n', ''],
        [':9443 transparent', ':9443 transparent maxconn 10'],
      ],
    ],
    [
      'of a frontend for programs of the node',
      [enough, ['192.0.2.100:9443 transparent\n    maxconn 500', '127.0.0.1:9443']],
    ],
    ['of a frontend that does not listen', [['    bind 192.0.2.100:9443 transparent\n    maxconn 500\n', '']]],
  ])('%s', (_, haproxy) => {
    expect(said({ haproxy })).toEqual([]);
  });

  test.each<[string, string]>([
    ['does nobody knows what', '/usr/local/bin/haproxy-answers'],
    ['asks another port', command.replace('8405', '8406')],
    ['asks another address', command.replace('127.0.0.1', '192.0.2.101')],
    ['asks the admin socket', '"/bin/sh -c \'echo show info | socat - /run/haproxy/admin.sock\'"'],
    ['only names the port', '"/usr/local/bin/look --not-at http://127.0.0.1:8405/alive"'],
    ['looks for a process', '"/usr/bin/killall -0 haproxy"'],
  ])('where the script %s', (_, script) => {
    expect(said({ keepalived: [[command, script]] })).toEqual([]);
  });

  test('where no instance uses the script', () => {
    expect(said({ keepalived: [[/ {4}track_script \{[^}]*\}\n/, '']] })).toEqual([]);
  });
});

describe('a socket is asked', () => {
  const unix: Edit = ['127.0.0.1:8405', 'unix@/run/haproxy/alive.sock mode 666'];

  test.each([
    '"/usr/bin/curl --unix-socket /run/haproxy/alive.sock http://localhost/"',
    '"/usr/bin/socat - UNIX-CONNECT:/run/haproxy/alive.sock"',
  ])('by %s', (script) => {
    expect(said({ haproxy: [unix], keepalived: [[command, script]] })).toHaveLength(1);
  });

  test('by a script that is known, and by no other of its path', () => {
    const host: LintHost = {
      sysctls: new Map([['net.ipv4.ip_nonlocal_bind', '1']]),
      servingFlags: [],
      tieBreakers: [],
      asks: new Map([['/opt/ask', '/run/haproxy/alive.sock']]),
      patience: new Map(),
    };
    const script = (path: string): readonly Edit[] => [[command, `${path} 0.8`]];
    expect(said({ haproxy: [unix], keepalived: script('/opt/ask'), host })).toHaveLength(1);
    expect(said({ haproxy: [unix], keepalived: script('/opt/other'), host })).toEqual([]);
    expect(
      said({ haproxy: [unix], keepalived: script('/opt/ask'), host: { ...host, tieBreakers: ['/opt/ask'] } }),
    ).toEqual([]);
  });
});
