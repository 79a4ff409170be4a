import { describe, expect, test } from 'vitest';
import { splitBrain } from '../../../../src/checks/vrrp/split-brain.js';
import type { Hearings } from '../../../../src/checks/vrrp/wire.js';
import type { Observation } from '../../../../src/facts/observation.js';
import { pair } from '../../engine/clusters.js';
import { hostWith, printed } from '../../facts/support.js';

const address = '192.168.8.100';
const both = { address, holders: ['node-101', 'node-102'] };

interface Running {
  readonly state?: string;
  readonly routerId?: string;
}

function host(
  node: string,
  { state = 'MASTER', routerId = `${node}/ha-deploy:0123456789ab-01234567` }: Running = {},
): Observation {
  const dump = ` Router ID = ${routerId}\n VRRP Instance = k8s-api\n   State = ${state}\n   Effective priority = 254\n`;
  return hostWith({ keepalived: dump }, node);
}

function hearings(...deaf: readonly string[]): Hearings {
  return new Map(
    pair.nodes.map(({ name }, to) => [
      name,
      {
        adverts: [],
        probes: pair.nodes.flatMap((from, index) =>
          index === to || deaf.includes(name)
            ? []
            : [{ family: 4, cast: 'unicast', index, source: from.address } as const],
        ),
      },
    ]),
  );
}

const masters = [host('node-101'), host('node-102')];

test.each([
  ['one holder', ['node-101']],
  ['nobody', []],
])('%s is no split brain', (_, holders) => {
  expect(splitBrain(pair, { address, holders }, masters)).toBeUndefined();
});

describe('the likely cause is', () => {
  test('that they do not hear each other, where nobody listened', () => {
    expect(splitBrain(pair, both, masters)?.cause).toBe("they do not hear each other's adverts");
  });

  test('that VRRP does not pass, and which way', () => {
    const found = splitBrain(pair, both, masters, hearings('node-101', 'node-102'));
    expect(found?.cause).toBe(
      'VRRP does not pass between them: node-101 does not hear node-102, node-102 does not hear node-101',
    );
    expect(found?.remedy).toMatch(/IP protocol 112 pass. On node-101, node-102: `nft /);
  });

  test('an address that was left behind', () => {
    const found = splitBrain(pair, both, [host('node-101'), host('node-102', { state: 'FAULT' })], hearings());
    expect(found).toEqual({
      cause: 'keepalived is in FAULT on node-102, so the address was left there or added by hand',
      remedy:
        'On node-102 find the interface with `ip address show to 192.168.8.100`, take the address off with `ip address delete`, and run `ha-deploy up`.',
    });
  });

  test('an address that was left by a keepalived that is gone', () => {
    const gone = hostWith({ keepalived: printed('', 1) }, 'node-101');
    expect(splitBrain(pair, both, [gone, host('node-102')])?.cause).toBe(
      'keepalived does not answer on node-101, so the address was left there or added by hand',
    );
  });

  test('configurations that do not agree', () => {
    const other = host('node-102', { routerId: 'node-102/ha-deploy:0123456789ab-76543210' });
    const found = splitBrain(pair, both, [host('node-101'), other], hearings());
    expect(found?.cause).toMatch(/^they run configurations that do not agree \(VIPs, router id/);
    expect(found?.remedy).toMatch(/^Run `ha-deploy up -c </);
  });

  test('a configuration of somebody else', () => {
    const other = host('node-102', { routerId: 'lb2' });
    expect(splitBrain(pair, both, [host('node-101'), other], hearings())?.cause).toBe(
      'keepalived runs a configuration that is not of ha-deploy on node-102',
    );
  });

  test('an end that came meanwhile, or a difference that only the logs tell', () => {
    const found = splitBrain(pair, both, masters, hearings());
    expect(found?.cause).toMatch(/^VRRP passes between them and their configurations agree/);
    expect(found?.remedy).toMatch(/verify again/);
  });
});
