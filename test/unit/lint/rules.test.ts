import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LintHost, Pair } from '../../../src/lint/daemons/lint-input.js';
import { readPair } from '../../../src/lint/daemons/read-lint-input.js';
import { ruleIds } from '../../../src/lint/ids.js';
import type { Judgement, RuleFinding } from '../../../src/lint/judgement.js';
import { rules } from '../../../src/lint/rules/index.js';
import { judge } from '../../../src/lint/rules/judge.js';
import { fixtures, handMade } from './support.js';

test('every rule has an id of its own, and every id its rule', () => {
  expect(rules.map(({ id }) => id)).toEqual(ruleIds);
});

test('every rule has a pair that trips it', () => {
  expect(readdirSync(fixtures)).toEqual(expect.arrayContaining([...ruleIds]));
});

test.each(ruleIds)('%s is tripped by its pair', async (id) => {
  const judgement = judge(readPair(handMade(id)));
  expect(judgement.findings.map(({ rule }) => rule)).toContain(id);
  await expect(told(judgement)).toMatchFileSnapshot(join(fixtures, id, 'findings.txt'));
});

test('a pair without mistakes trips none, and survives every fault', async () => {
  const judgement = judge(readPair(handMade('good')));
  expect(judgement.findings).toEqual([]);
  await expect(told(judgement)).toMatchFileSnapshot(join(fixtures, 'good', 'findings.txt'));
});

test.each([
  ['empty', '', true],
  ['of comments', '# nothing yet\n', true],
  ['that includes others, which are not read', 'include conf.d/*.conf\n', false],
])('whether a file takes part in nothing: one %s', (_, text, isBroken) => {
  const files = handMade('good').map(({ keepalived, ...node }) => ({ ...node, keepalived: { ...keepalived, text } }));
  const { findings } = judge(readPair(files));
  expect(findings.some(({ rule, level }) => rule === 'HA024' && level === 'error')).toBe(isBroken);
});

describe('what watches HAProxy, where nobody knows who writes a flag', () => {
  /** The good pair without its script, with this in place of its flag. */
  function rulesOf(flag: string): string[] {
    const files = handMade('good').map(({ keepalived, ...node }) => {
      const withoutScript = keepalived.text.replaceAll(/^vrrp_script [^}]*}\n|^ *track_script [^}]*}\n/gm, '');
      return { ...node, keepalived: { ...keepalived, text: withoutScript.replace(/^track_file [^}]*}\n/m, flag) } };
    });
    return judge(readPair(files)).findings.map(({ rule }) => rule);
  }

  test.each([
    ['of any path', 'track_file haproxy_serving {\nfile /run/lb/serving\nweight 0 reverse\n}\n'],
    ['with a weight', 'track_file haproxy_serving {\nfile /run/lb/serving\nweight -20\n}\n'],
  ])('is a flag %s', (_, flag) => {
    expect(rulesOf(flag)).not.toContain('HA008');
  });

  test('is no flag that an operator sets', () => {
    const flag = 'track_file haproxy_serving {\nfile /etc/keepalived/maintenance\nweight 0\n}\n';
    expect(rulesOf(flag)).toContain('HA008');
  });
});

describe('a weight beside trackers that lead to FAULT', () => {
  const script = '/usr/local/bin/servers-answer';

  function pairWith(tieBreaker: string, use: string, host?: LintHost): Pair {
    const files = handMade('good').map(({ keepalived, ...node }) => {
      const text = keepalived.text
        .replace(/^vrrp_instance /m, `${tieBreaker}vrrp_instance `)
        .replace(/^( *track_script [{]\n)/m, `$1${use}`);
      return { ...node, keepalived: { ...keepalived, text }, host };
    });
    return readPair(files);
  }

  const defined = `vrrp_script servers_answer {\nscript ${script}\ninterval 1\nfall 1\n}\n`;

  const host = {
    sysctls: new Map(),
    servingFlags: ['/run/lb/haproxy-serving'],
    tieBreakers: [script],
    asks: new Map(),
    patience: new Map(),
  };
  const rulesOf = (pair: Pair): string[] => judge(pair).findings.map(({ rule }) => rule);

  test('is meant, where its script is known; of another it is said that it moves nothing', () => {
    const use = 'servers_answer weight -2\n';
    expect(rulesOf(pairWith(defined, use, host))).toEqual(rulesOf(pairWith('', '', host)));
    expect(rulesOf(pairWith(defined, use))).toEqual(['HA047']);
    expect(rulesOf(pairWith(defined.replace(script, '/usr/local/bin/gateway'), use, host))).toContain('HA047');
  });

  test('changes nothing that follows from a fault, where its script is known not to watch HAProxy', () => {
    const rows = judge(pairWith(defined, 'servers_answer weight -2\n', host)).failover;
    expect(rows).toEqual(judge(pairWith('', '', host)).failover);
  });
});

test('a script that is known to give up by itself notices a hang no later than that', () => {
  const hang = (patience: ReadonlyMap<string, number>): unknown => {
    const host = { sysctls: new Map(), servingFlags: [], tieBreakers: [], asks: new Map(), patience };
    const pair = readPair(handMade('good').map((node) => ({ ...node, host })));
    return judge(pair).failover.find(({ fault }) => fault === 'haproxy-hang')?.ms;
  };
  expect(hang(new Map([['/usr/local/bin/haproxy-answers', 500]]))).toBe(Number(hang(new Map())) - 500);
});

describe.each(['memo', 'kubeadm'])('the pair of the %s guide', (name) => {
  const judgement = judge(readPair(handMade(name)));

  test('has its known faults', async () => {
    await expect(told(judgement)).toMatchFileSnapshot(join(fixtures, name, 'findings.txt'));
  });
});

test('the memo, whose holder keeps the VIP for ever when HAProxy stops', () => {
  const { findings, failover } = judge(readPair(handMade('memo')));
  expect(failover).toContainEqual(
    expect.objectContaining({ fault: 'haproxy-stop', holder: 'node-101', successor: null, ms: 'never' }),
  );
  expect(findings.find(({ rule }) => rule === 'HA001')?.message).toContain('101 + 0 against 99 + 2 on node-102: a tie');
  // Tie, polling, psmisc, truncated password, AH and MASTER, script security, interval, statistics, checks, binds, timeouts, mail.
  const known = 'HA001 HA004 HA005 HA009 HA010 HA017 HA021 HA027 HA028 HA033 HA035 HA038 HA039 HA041 HA042'.split(' ');
  expect(findings.map(({ rule }) => rule)).toEqual(expect.arrayContaining(known));
});

test('what is ignored is told with its reason, and what nothing breaks is idle', () => {
  const ignored = new Map([['HA021', 'our segment has no other router']]);
  const { findings } = judge(readPair(handMade('memo')), ignored);
  expect(findings.filter((finding) => finding.ignored !== undefined)).toEqual([
    expect.objectContaining({ rule: 'HA021', ignored: 'our segment has no other router' }),
  ]);
});

function told({ findings, failover }: Judgement): string {
  const rows = failover.map(
    ({ instance, fault, holder, successor, ms, why }) =>
      `${instance} ${fault} ${holder} → ${successor ?? 'nobody'} ${ms === 'never' ? ms : `≤ ${ms} ms`}: ${why}`,
  );
  return `${[...findings.map(line), '', ...rows].join('\n')}\n`;
}

function line({ rule, level, nodes, file, line: at, message, fix }: RuleFinding): string {
  return `${level} ${rule} ${nodes.join(',')} ${file}:${at}\n  ${message}\n  ${fix}`;
}
