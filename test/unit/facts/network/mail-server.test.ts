import { expect, test } from 'vitest';
import { keepalivedConfig } from '../../../../playbooks/keepalived.js';
import { paths } from '../../../../playbooks/paths.js';
import { mailWarning } from '../../../../src/checks/mail.js';
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { mailServer } from '../../../../src/facts/network/mail-server.js';
import { pair } from '../../engine/clusters.js';
import { captured, capturesOf, hostWith, namesOf, printed } from '../support.js';

function mailing(smtpServer: string): Cluster {
  return { ...pair, vrrp: { ...pair.vrrp, email: { to: ['a@b.de'], from: 'c@b.de', smtpServer, connectTimeout: 5 } } };
}

const named = mailing('mail.example.com');
const fact = mailServer(named);

const table = [
  ['mail-server/bookworm-both-families', { address: '192.168.8.102' }],
  ['mail-server/bookworm-in-use', { address: '192.168.8.103' }],
  ['mail-server/bookworm-unresolved', 'unresolved'],
] as const;

test.each(table)('%s', (name, expected) => {
  expect(fact?.parse(captured(name))).toEqual(expected);
});

test('every capture is tested', () => {
  expect(namesOf(table)).toEqual(capturesOf('mail-server'));
});

test.each([
  ['now 192.0.2.1\nasked\n', { address: '192.0.2.1' }],
  ['now 192.0.2.1\n192.0.2.3\n192.0.2.2\nasked\n', { address: '192.0.2.2' }],
  ['2001:db8::1\n192.0.2.2\nasked\n', { address: '192.0.2.2' }],
])('an address in use stays while it is one of the name: %j', (stdout, expected) => {
  expect(fact?.parse(printed(stdout))).toEqual(expected);
});

test.each(['', '192.0.2.1\n'])('cannot read %j', (stdout) => {
  expect(() => fact?.parse(printed(stdout))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});

test('an address with a zone, which is of one link alone, is none', () => {
  expect(fact?.parse(printed('fe80::1%1605\n192.0.2.1\nasked\n'))).toEqual({ address: '192.0.2.1' });
  expect(fact?.parse(printed('fe80::1%1605\nasked\n'))).toBe('unresolved');
});

test('is no question where no mail is sent, or to an address', () => {
  expect(mailServer(pair)).toBeUndefined();
  expect(mailServer(mailing('2001:db8::25'))).toBeUndefined();
});

test('looks for what is in use in the file that keepalived reads', () => {
  expect(fact?.command.redacted).toContain(` ${paths.keepalivedConfig} `);
});

function fileWith(cluster: Cluster, answer: ReturnType<typeof printed>): string {
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('there is no node');
  const interfaces = JSON.stringify([{ ifname: 'eth0', addr_info: [{ local: node.address, prefixlen: 24 }] }]);
  const versions = { packages: printed('', 1), platform: 'os ID=debian\nos VERSION_ID="12"\nsystemd\n' };
  const host = hostWith({ interfaces, ...versions, 'mail-server:mail.example.com': answer }, node.name);
  return keepalivedConfig(cluster, node, host).content.reveal();
}

test('keepalived is given the address, and never waits for the DNS', () => {
  const text = fileWith(named, captured('mail-server/bookworm-both-families'));
  expect(text).toMatch(/^ {4}! mail\.example\.com: .*\n {4}smtp_server 192\.168\.8\.102$/m);
  expect(text).toContain('smtp_alert true');
});

test('no mail is sent while its server has no address, of which a warning tells', () => {
  const text = fileWith(named, printed('asked\n'));
  expect(text).not.toMatch(/smtp|notification/);
  const host = hostWith({ 'mail-server:mail.example.com': 'asked\n' });
  expect(mailWarning(named, host)).toEqual([expect.stringMatching(/^lb-1 finds no address for mail\.example\.com /)]);
  const other = hostWith({ 'mail-server:mail.example.com': captured('mail-server/bookworm-in-use') });
  expect(mailWarning(named, other)).toEqual([]);
});
