import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base, faultKinds, type Sequence, type Wanted } from '../../torture/scenario.js';
import { sequenceOf } from '../../torture/sequence.js';

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const numbers = fc.integer({ min: 0, max: 1000 });

function always(holds: (sequence: Sequence) => void): void {
  fc.assert(fc.property(seeds, numbers, (seed, index) => holds(sequenceOf(seed, index))));
}

const agreement = ({ routerId, advertMs, secondVip }: Wanted): object => ({ routerId, advertMs, secondVip });

describe('a sequence', () => {
  test('follows from its seed and number alone', () => {
    fc.assert(
      fc.property(seeds, numbers, (seed, index) => {
        expect(sequenceOf(seed, index)).toEqual(sequenceOf(seed, index));
        expect(sequenceOf(seed, index).acts).not.toEqual(sequenceOf(seed, index + 1).acts);
      }),
    );
  });

  test('every kind of act and every fault comes in time', () => {
    const some = Array.from({ length: 200 }, (_, index) => sequenceOf(1, index));
    const acts = some.flatMap((sequence) => sequence.acts);
    expect(new Set(acts.map(({ kind }) => kind))).toEqual(
      new Set(['same', 'reload', 'agreement', 'package', 'failover', 'rollback', 'leave', 'two-operators']),
    );
    expect(new Set(acts.flatMap(({ faults }) => faults.map(({ kind }) => kind)))).toEqual(new Set(faultKinds));
  });

  test('an act changes what it says', () => {
    always(({ acts }) => {
      let before = base;
      for (const { kind, launches } of acts) {
        const ups = launches.flatMap(({ command }) => (command.name === 'up' ? [command.wanted] : []));
        if (kind === 'agreement') expect(agreement(ups[0] ?? base)).not.toEqual(agreement(before));
        if (kind === 'reload') {
          expect(agreement(ups[0] ?? base)).toEqual(agreement(before));
          expect(ups[0]).not.toEqual(before);
        }
        if (kind === 'same' || kind === 'package' || kind === 'leave') expect(ups).toEqual([before]);
        before = ups.at(-1) ?? before;
      }
    });
  });

  test('a node with a small disk is neither booted nor taken out, and only it is ever full', () => {
    always(({ smallDisk, acts }) => {
      for (const { faults, launches, removes } of acts) {
        for (const fault of faults) {
          if (!('node' in fault)) continue;
          if (fault.kind === 'disk-full') expect(fault.node).toBe(smallDisk?.node);
          if (fault.kind === 'reboot' || fault.kind === 'power-cut') expect(fault.node).not.toBe(smallDisk?.node);
        }
        if (smallDisk === undefined) continue;
        expect(removes?.node).not.toBe(smallDisk.node);
        for (const { command } of launches) if (command.name === 'down') expect(command.node).not.toBe(smallDisk.node);
      }
    });
  });

  test('is bounded: few acts, each with few faults, which do not last', () => {
    always(({ acts }) => {
      expect(acts.length).toBeGreaterThan(0);
      expect(acts.length).toBeLessThanOrEqual(4);
      for (const { faults, launches, thenMs } of acts) {
        expect(faults.length).toBeLessThanOrEqual(3);
        expect(thenMs).toBeLessThanOrEqual(20_000);
        for (const { forMs, launch } of faults) {
          expect(forMs).toBeLessThanOrEqual(20_000);
          expect(launches[launch]).toBeDefined();
        }
      }
    });
  });
});
