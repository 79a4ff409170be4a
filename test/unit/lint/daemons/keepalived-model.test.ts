import { describe, expect, test } from 'vitest';
import { parseKeepalived } from '../../../../src/lint/daemons/keepalived-conf.js';
import { readKeepalived } from '../../../../src/lint/daemons/keepalived-model.js';

const parse = (text: string, node = 'lb-1') => parseKeepalived({ file: 'keepalived.conf', text }, node);
const read = (text: string) => readKeepalived({ file: 'keepalived.conf', text }, 'lb-1');
const only = (inside: string, around = '') => {
  const [instance] = read(`${around}\nvrrp_instance web {\n${inside}\n}\n`).instances;
  if (instance === undefined) throw new Error('no instance');
  return instance;
};

describe('the text', () => {
  test('is words with lines, comments and quotes taken away', () => {
    expect(parse('a 1 # one\n! all\n\n  b "two words" \'x\' c!d\n')).toEqual([
      { line: 1, words: ['a', '1'] },
      { line: 4, words: ['b', 'two words', 'x', 'c'] },
    ]);
  });

  test('has blocks in blocks, with braces wherever they stand', () => {
    expect(parse('a b {\n c { d }\n}\ne\n{\n f\n}')).toEqual([
      { line: 1, words: ['a', 'b'], block: [{ line: 2, words: ['c'], block: [{ line: 2, words: ['d'] }] }] },
      { line: 4, words: ['e'], block: [{ line: 6, words: ['f'] }] },
    ]);
  });

  test('may have lines for one node, or for all but one', () => {
    const text = '@lb-1 priority 101\n@lb-2 priority 99\n@^lb-2 nopreempt\n';
    expect(parse(text).map(({ words }) => words.join(' '))).toEqual(['priority 101', 'nopreempt']);
    expect(parse(text, 'lb-2').map(({ words }) => words.join(' '))).toEqual(['priority 99']);
  });
});

describe('an instance', () => {
  test('has the defaults of keepalived', () => {
    expect(only('')).toMatchObject({
      priority: { value: 100 },
      version: { value: 2 },
      advertIntervalMs: { value: 1000 },
      downTimerAdverts: { value: 3 },
      nopreempt: undefined,
      peers: undefined,
      vips: [],
      trackers: [],
    });
  });

  test('takes from global_defs what it does not say itself', () => {
    const around = 'global_defs {\nvrrp_version 3\nvrrp_strict\nvrrp_down_timer_adverts 5\nsmtp_alert true\n}';
    expect(only('', around)).toMatchObject({
      version: { value: 3, line: 2 },
      strict: { line: 3 },
      downTimerAdverts: { value: 5 },
      smtpAlert: { value: true },
    });
    expect(only('version 2\nsmtp_alert false', around)).toMatchObject({ version: { value: 2 } });
    expect(only('smtp_alert false', around).smtpAlert).toBeUndefined();
  });

  test('speaks version 3 where its VIPs are IPv6', () => {
    expect(only('virtual_ipaddress {\n2001:DB8::0001/64 dev eth0\n}')).toMatchObject({
      version: { value: 3 },
      vips: [{ value: '2001:db8::1', line: 4 }],
    });
  });

  test('knows its addresses, peers and password, each with its line', () => {
    const text =
      'unicast_src_ip 192.0.2.1\nunicast_peer {\n192.0.2.2\n}\nauthentication {\nauth_type PASS\nauth_pass a b\n}';
    expect(only(text)).toMatchObject({
      unicastSource: { value: '192.0.2.1', line: 3 },
      peers: { line: 4, value: [{ value: '192.0.2.2', line: 5 }] },
      auth: { line: 7, type: { value: 'PASS' }, password: { value: 'a b', line: 9 } },
    });
  });

  test('has trackers with the weight of their own or of their definition', () => {
    const around = [
      'vrrp_script chk { script "/bin/check it"\ninterval 2\nfall 3\nweight -5\n}',
      'vrrp_track_process runs {\nprocess haproxy\nweight 7\nterminate_delay 2\n}',
      'track_file flag {\nfile /run/flag\nweight 0 reverse\n}',
    ].join('\n');
    const inside = 'track_script {\nchk weight 9\nlost\n}\ntrack_process {\nruns\n}\ntrack_file {\nflag\n}';
    const instance = only(inside, around);
    expect(instance.trackers).toMatchObject([
      { weight: 9, watcher: { kind: 'script', subject: '/bin/check it', intervalMs: 2000, timeoutMs: 2000, fall: 3 } },
      { weight: 7, watcher: { kind: 'process', subject: 'haproxy', delayMs: 2000 } },
      { weight: 0, reverse: true, watcher: { kind: 'file', subject: '/run/flag' } },
    ]);
    expect(instance.undefinedTrackers).toMatchObject([{ value: 'lost' }]);
  });

  test('loses its weights in a sync group, unless the group keeps them', () => {
    const script = 'vrrp_script chk {\nscript /bin/check\nweight -5\n}\n';
    const group = (more: string) => `${script}vrrp_sync_group all {\ngroup {\nweb\n}\n${more}\n}`;
    expect(only('track_script {\nchk\n}', group('')).trackers).toMatchObject([{ weight: 0 }]);
    expect(only('track_script {\nchk\n}', group('sync_group_tracking_weight')).trackers).toMatchObject([
      { weight: -5 },
    ]);
    expect(only('', group('track_script {\nchk\n}')).trackers).toMatchObject([{ weight: 0 }]);
  });
});

test('what is not followed is noted', () => {
  const { unread } = read('include conf.d/*\n$PRIO=5\nvrrp_instance web {\npriority $PRIO\n}\n');
  expect(unread.map(({ line }) => line)).toEqual([1, 2, 4]);
});
