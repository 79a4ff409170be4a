import { describe, expect, it } from 'vitest';
import { durationLiteral, parseDuration } from '../../../../src/cluster/values/duration.js';
import { isHostAddress, isHostName, isNetworkAddress } from '../../../../src/config/values/address.js';
import { balanceNeedsHttp, isBalance } from '../../../../src/config/values/balance.js';
import { parseEndpoint } from '../../../../src/config/values/endpoint.js';
import { isJump } from '../../../../src/config/values/jump.js';
import { sshHost } from '../../../../src/config/values/ssh-host.js';

describe('a duration', () => {
  it.each([
    ['100ms', 100],
    ['5s', 5000],
    ['30m', 1_800_000],
    ['4h', 14_400_000],
    ['1d', 86_400_000],
    ['0s', 0],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['5', 's', '5 s', '-5s', '1.5s', '1h30m', '5S', '5us', '', ' 5s', '5s\n', '٥s'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each(['10ms', '40950ms', '255s', '90m', '24d', '1h'])('%s is written as it is read', (text) => {
    expect(durationLiteral(parseDuration(text) ?? 0)).toBe(text);
  });
});

describe('an address', () => {
  it.each(['192.0.2.1', '10.0.0.1', '2001:db8::1', 'fd00::1'])('%s is reached over the network', (text) => {
    expect(isNetworkAddress(text)).toBe(true);
  });

  it.each(['127.0.0.1', '::1', 'fe80::1'])('%s is a host, but not over the network', (text) => {
    expect([isHostAddress(text), isNetworkAddress(text)]).toEqual([true, false]);
  });

  it.each(['0.0.0.0', '255.255.255.255', '224.0.0.18', '240.0.0.1', '::', 'ff02::12', '::ffff:192.0.2.1', '1.2.3', ''])(
    '%j is no host',
    (text) => {
      expect([isHostAddress(text), isNetworkAddress(text)]).toEqual([false, false]);
    },
  );
});

describe('a host name', () => {
  it.each(['a', 'lb1', 'lb-1.example.com', 'lb_1', 'example.com.', 'xn--bcher-kva.example', '1a'])('%s', (text) => {
    expect(isHostName(text)).toBe(true);
  });

  it.each(['', '.', '-a', 'a-', 'a..b', 'a b', 'a;b', '1', '192.168.8.300', 'bücher.example', 'a:1', 'x'.repeat(64)])(
    '%j is none',
    (text) => {
      expect(isHostName(text)).toBe(false);
    },
  );
});

describe('an endpoint', () => {
  it.each([
    ['192.0.2.1:80', '192.0.2.1', 80],
    ['[2001:DB8::1]:65535', '2001:db8::1', 65_535],
    ['web.example.com:1', 'web.example.com', 1],
  ])('%s', (text, host, port) => {
    expect(parseEndpoint(text)).toEqual({ host, port });
  });

  it.each([
    '192.0.2.1',
    '192.0.2.1:',
    '192.0.2.1:0',
    '192.0.2.1:65536',
    '2001:db8::1:80',
    '[192.0.2.1]:80',
    '[::1',
    ':80',
  ])('%s is none', (text) => {
    expect(parseEndpoint(text)).toBeUndefined();
  });
});

describe('a balancing algorithm', () => {
  it.each([
    'roundrobin',
    'leastconn',
    'static-rr',
    'first',
    'source',
    'random',
    'random(2)',
    'rdp-cookie',
    'rdp-cookie(x)',
    'hash src',
  ])('%s, in any mode', (text) => {
    expect([isBalance(text), balanceNeedsHttp(text)]).toEqual([true, false]);
  });

  it.each([
    'uri',
    'uri whole',
    'uri len 10 depth 2',
    'url_param id',
    'url_param id check_post 64',
    'hdr(Host)',
    'hdr(Host) use_domain_only',
  ])('%s, in mode http', (text) => {
    expect([isBalance(text), balanceNeedsHttp(text)]).toEqual([true, true]);
  });

  it.each([
    '',
    'round',
    'roundrobin ',
    'roundrobin\n',
    'uri #',
    'hdr()',
    'hdr(a b)',
    'hdr(a',
    'random(x)',
    'random(0)',
    'hash',
    'url_param',
  ])('%j is none', (text) => {
    expect(isBalance(text)).toBe(false);
  });
});

describe('a host that SSH connects to', () => {
  it.each(['lb1', 'lb.1', 'prod:lb1', 'lb1.example.com', '192.0.2.1', '2001:db8::1', 'fe80::2%eth0', 'größe'])(
    'is what ssh takes: %s',
    (text) => expect(sshHost.test(text)).toBe(true),
  );

  it.each(['', '-oProxyCommand=x', 'a b', 'ops@lb1', '$(id)', 'a;b', "a'b", 'a\\b', 'a,b', 'a\u0000'])(
    'is no other: %j',
    (text) => expect(sshHost.test(text)).toBe(false),
  );
});

describe('hosts on the way', () => {
  it.each([
    'none',
    'bastion',
    'ops@bastion:2222',
    'ops@example.com@bastion',
    'ssh://ops%40example.com@bastion:2222',
    'ops@[2001:db8::1]:22,fe80::1%eth0',
  ])('are what ssh -J takes: %s', (text) => expect(isJump(text)).toBe(true));

  it.each([
    '',
    ',',
    'a,',
    '-oProxyCommand=x',
    'ops@-bastion',
    '@bastion',
    'bastion:0',
    'bastion:ssh',
    'a b',
    'ssh://%@a',
  ])('are nothing else: %j', (text) => expect(isJump(text)).toBe(false));
});
