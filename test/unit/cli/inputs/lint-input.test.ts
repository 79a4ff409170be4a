import { describe, expect, test } from 'vitest';
import { filesByHand, filesOfCluster } from '../../../../src/cli/inputs/lint-input.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';
import { readPair } from '../../../../src/lint/daemons/read-lint-input.js';
import { judge } from '../../../../src/lint/rules/judge.js';
import { shippedTemplate } from '../../../../src/render/shipped.js';
import { clusterOf, clusters } from '../../playbooks/support.js';

/** What our own clusters warn of, and why that is right. */
const explained: Readonly<Record<string, readonly string[]>> = {
  // The memo's statistics on the VIP, and its mail server on the node itself; the file says so.
  memo: ['HA017', 'HA038'],
  // The same, and the memo's AH.
  'memo-version-2': ['HA017', 'HA028', 'HA038'],
  full: ['HA038'],
  ipv6: ['HA017'],
};

describe.each(Object.entries(clusters))('what %s gives its nodes', (name, load) => {
  const { findings, failover } = judge(readPair(filesOfCluster(load())));

  test('breaks no rule that it should keep', () => {
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect([...new Set(findings.map(({ rule }) => rule))]).toEqual(explained[name] ?? []);
  });

  test('survives every fault', () => {
    const fatal = failover.filter(({ ms }) => ms === 'never');
    expect(fatal).toEqual(name === 'single' ? failover : []);
  });
});

test.each([
  ['standard', 31, 302],
  ['fast', 31, 61],
  ['relaxed', 42, 3012],
] as const)('the profile %s survives every fault, in its time', (profile, killed, isolated) => {
  const cluster = clusterOf('examples/minimal.yaml', (text) => `${text}vrrp: { profile: ${profile} }\n`);
  const { findings, failover } = judge(readPair(filesOfCluster(cluster)));
  expect(findings).toEqual([]);
  const worst = (fault: string) =>
    Math.max(...failover.filter((row) => row.fault === fault).map(({ ms }) => Number(ms)));
  expect(worst('haproxy-kill')).toBeLessThanOrEqual(killed + 1);
  expect(worst('node-isolate')).toBeLessThanOrEqual(isolated);
});

test('a template of the time before services had shares lets clients take what keepalived needs', () => {
  const cluster = clusterOf('examples/minimal.yaml');
  const { source } = shippedTemplate('haproxy.cfg.ejs');
  const shared = source.replaceAll(/^ +maxconn .*\n/gm, '').replace('global\n', 'global\n    maxconn 20000\n');
  const own = { ...cluster, templates: { haproxy: { path: '/etc/lb/mine.ejs', source: shared } } };
  expect(judge(readPair(filesOfCluster(own))).findings).toEqual([
    expect.objectContaining({
      rule: 'HA048',
      message:
        'k8s-apiserver may take all 20000 connections of HAProxy, and then ha-deploy-health does not answer keepalived',
    }),
  ]);
});

test('the rules see no secret', () => {
  const files = clusters['memo-version-2'] === undefined ? [] : filesOfCluster(clusters['memo-version-2']());
  expect(files[0]?.keepalived.text).toContain('auth_pass <secret>\n');
});

describe('files by hand', () => {
  const source = (file: string) => ({ file, text: '' });
  const named = (...files: string[]) => filesByHand(files.map(source), []).map(({ name }) => name);

  test('name their nodes', () => {
    expect(named('a/lb-1.conf', 'a/lb-2.keepalived.conf')).toEqual(['lb-1', 'lb-2']);
    expect(named('lb-1/keepalived.conf', 'lb-2/keepalived.conf')).toEqual(['lb-1', 'lb-2']);
    expect(named('a/keepalived.conf', 'b/a/keepalived.conf')).toEqual(['a/keepalived.conf', 'b/a/keepalived.conf']);
  });

  test('share one haproxy.cfg, or have one each', () => {
    const files = (...haproxy: string[]) =>
      filesByHand([source('a'), source('b')], haproxy.map(source)).map((node) => node.haproxy?.file);
    expect(files()).toEqual([undefined, undefined]);
    expect(files('c')).toEqual(['c', 'c']);
    expect(files('c', 'd')).toEqual(['c', 'd']);
    expect(() => files('c', 'd', 'e')).toThrow(DeployError);
  });
});
