import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stranger } from '../../../src/checks/stranger.js';
import { wire } from '../../../src/checks/wire-probe.js';
import { account } from '../../../src/facts/account.js';
import { interfaces } from '../../../src/facts/addresses.js';
import { daemons } from '../../../src/facts/daemons.js';
import { reachableEndpoints } from '../../../src/facts/endpoints.js';
import type { Fact } from '../../../src/facts/fact.js';
import { file } from '../../../src/facts/file.js';
import { haproxyProcess } from '../../../src/facts/haproxy.js';
import { oldWorkers } from '../../../src/facts/haproxy-workers.js';
import { keepalivedProcess } from '../../../src/facts/keepalived.js';
import { ledger } from '../../../src/facts/ledger.js';
import { managedLinks } from '../../../src/facts/networkd.js';
import { packages } from '../../../src/facts/packages.js';
import { platform } from '../../../src/facts/platform.js';
import { sysctl } from '../../../src/facts/sysctl.js';
import { units } from '../../../src/facts/units.js';
import { captured, capturesOf } from './support.js';

/** Every fact, under the name of the folder with what real hosts answered. */
const facts: readonly (readonly [string, Fact<unknown>])[] = [
  ['account', account('keepalived_script')],
  ['daemons', daemons],
  ['endpoints', reachableEndpoints([{ address: '192.0.2.10', port: 443 }])],
  ['file', file('/etc/haproxy/haproxy.cfg')],
  ['haproxy', haproxyProcess],
  ['interfaces', interfaces],
  ['keepalived', keepalivedProcess],
  ['ledger', ledger],
  ['networkd', managedLinks],
  ['old-workers', oldWorkers],
  ['packages', packages(['haproxy', 'keepalived'])],
  ['platform', platform],
  ['stranger', stranger({ address: '192.0.2.10', family: 4, prefix: 32 }, 'eth0')],
  ['sysctl', sysctl('net.ipv4.ip_nonlocal_bind')],
  ['units', units(['haproxy.service', 'keepalived.service'])],
  [
    'wire',
    wire({
      token: '0'.repeat(32),
      index: 0,
      interface: 'eth0',
      address: '192.0.2.10',
      protocol: 112,
      channels: [{ family: 4, cast: 'unicast' }],
      peers: [{ index: 1, address: '192.0.2.11' }],
    }),
  ],
];

const odd = fc.constantFrom(
  '',
  '\0',
  '\n',
  '\n\n',
  '\r',
  ',',
  '=',
  ': ',
  '"',
  '-1',
  '1e999',
  '9'.repeat(400),
  'NaN',
  '\u001b[2J\u001b]0;owned\u0007',
  '\u202e',
  '\ufffd',
  '__proto__',
  'constructor',
  '[',
  '{"ifname":"eth0","addr_info":[{"local":"::ffff:1.2.3.4","prefixlen":1e9}]}',
  ' VRRP Instance = ',
  '# pxname,svname,',
);

/** What a host printed, with a piece of it replaced: cut short, doubled, or overwritten by something odd. */
function damaged(text: string): fc.Arbitrary<string> {
  const place = fc.nat(text.length);
  return fc.oneof(
    place.map((end) => text.slice(0, end)),
    fc.tuple(place, fc.nat(40), odd).map(([at, length, piece]) => text.slice(0, at) + piece + text.slice(at + length)),
    fc.tuple(place, place).map(([from, to]) => text + text.slice(Math.min(from, to), Math.max(from, to))),
    odd.map((piece) => text.replaceAll(/\d+/g, () => piece)),
    fc.tuple(fc.constantFrom(...text.split(/(\W)/)), odd).map(([word, piece]) => text.replace(word, () => piece)),
  );
}

const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(odd, { maxLength: 6 }).map((pieces) => pieces.join('')),
  fc.jsonValue().map((value) => JSON.stringify(value)),
);

describe.each(facts)('the fact %s', (name, fact) => {
  const texts = fc.oneof(anything, ...capturesOf(name).map((capture) => damaged(captured(capture).stdout)));

  test('reads or refuses whatever a host prints', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(0, 1, 2, 127, 142), (stdout, exitCode) => {
        const { value, error } = attempt(fact, { stdout, exitCode });
        if (error !== undefined) expect(error).toMatchObject({ code: 'FACT_UNREADABLE' });
        expect(numbersIn(value).filter((number) => !Number.isSafeInteger(number))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

function attempt(
  fact: Fact<unknown>,
  output: Parameters<Fact<unknown>['parse']>[0],
): { value?: unknown; error?: unknown } {
  try {
    return { value: fact.parse(output) };
  } catch (error) {
    return { error };
  }
}

/** A number that is none, or not the one that was printed, would be believed further on. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (value instanceof Map) return numbersIn([...value.values()]);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}
