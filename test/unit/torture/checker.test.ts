import { describe, expect, test } from 'vitest';
import type { Budgets } from '../../torture/budgets.js';
import { check } from '../../torture/checker.js';
import type { FaultKind } from '../../torture/scenario.js';
import type { TraceEvent } from '../../torture/trace.js';

const budgets: Budgets = {
  twoHolders: 5,
  noHolder: 8,
  noHolderWhileHeld: 40,
  standingBack: 10,
  boot: 8,
  rest: 30,
};
const [a, b] = ['node-a', 'node-b'] as const;
const vip = '192.0.2.100';
const second = '192.0.2.110';

/** A pair in service from 0 on: node-a holds the VIP. */
const calm: readonly TraceEvent[] = [a, b].flatMap((node): TraceEvent[] => [
  { at: 0, kind: 'watched', node, on: true },
  { at: 0, kind: 'keepalived', node, on: true },
  { at: 0, kind: 'haproxy', node, on: true },
  { at: 0, kind: 'standing', node, on: false },
  { at: 0, kind: 'lease', node, lease: undefined },
  ...(node === a ? [{ at: 0, kind: 'address', node, address: vip, on: true } as const] : []),
]);

// Long after the boot that every node is granted.
const from = 100;

function judged(...events: readonly TraceEvent[]): string[] {
  const trace = [...calm, ...events].toSorted((one, other) => one.at - other.at);
  const found = check(trace, { nodes: [a, b], vips: [vip, second], from, to: 300, budgets });
  return found.map(({ rule, from: since, to }) => `${rule} ${since}-${to}`);
}

function address(at: number, node: string, on: boolean, of = vip): TraceEvent {
  return { at, kind: 'address', node, address: of, on };
}

function fault(kind: FaultKind, node: string, begun: number, healed: number): TraceEvent[] {
  return [
    { at: begun, kind: 'fault', fault: kind, node, id: begun, on: true },
    { at: healed, kind: 'fault', fault: kind, node, id: begun, on: false },
  ];
}

function lease(at: number, node: string, until: number | undefined): TraceEvent {
  return { at, kind: 'lease', node, lease: until === undefined ? undefined : { token: 'abcdef', until } };
}

function standing(at: number, node: string, on: boolean): TraceEvent {
  return { at, kind: 'standing', node, on };
}

test('a calm pair breaks no rule', () => {
  expect(judged()).toEqual([]);
});

describe('two holders', () => {
  test('for longer than a takeover', () => {
    expect(judged(address(150, b, true), address(156, b, false))).toEqual(['two-holders 150-156']);
  });

  test('within a takeover', () => {
    expect(judged(address(150, b, true), address(155, b, false))).toEqual([]);
  });

  test('of any VIP', () => {
    const both = [a, b].flatMap((node) => [address(150, node, true, second), address(160, node, false, second)]);
    expect(judged(...both)).toEqual(['two-holders 150-160']);
  });

  test('that cannot hear each other, until a takeover after that', () => {
    const cut = fault('cut-peer', b, 140, 160);
    expect(judged(...cut, address(145, b, true), address(170, b, false))).toEqual([]);
    expect(judged(...cut, address(145, b, true), address(171, b, false))).toEqual(['two-holders 165-171']);
  });

  test('that are only cut off from the laptop', () => {
    expect(judged(...fault('cut-laptop', b, 140, 160), address(150, b, true), address(157, b, false))).toEqual([
      'two-holders 150-157',
    ]);
  });

  test('of which one is dead: keepalived has left the address behind', () => {
    expect(
      judged({ at: 149, kind: 'keepalived', node: a, on: false }, address(150, b, true), address(162, a, false), {
        at: 163,
        kind: 'keepalived',
        node: a,
        on: true,
      }),
    ).toEqual([]);
  });

  test('while the machine stood still', () => {
    expect(judged(address(150, b, true), address(156, b, false), { at: 155, kind: 'stall', node: a, ms: 3 })).toEqual(
      [],
    );
  });

  test('that is booted: what it held before counts no more', () => {
    expect(
      judged(
        address(150, b, true),
        address(152, a, false),
        { at: 153, kind: 'watched', node: b, on: false },
        { at: 154, kind: 'watched', node: b, on: true },
        address(155, a, true),
      ),
    ).toEqual([]);
  });
});

describe('no holder', () => {
  test('for longer than a takeover', () => {
    expect(judged(address(150, a, false), address(159, b, true))).toEqual(['no-holder 150-159']);
  });

  test('within a takeover', () => {
    expect(judged(address(150, a, false), address(158, b, true))).toEqual([]);
  });

  test('whose HAProxy listens', () => {
    expect(
      judged({ at: 150, kind: 'haproxy', node: a, on: false }, { at: 170, kind: 'haproxy', node: a, on: true }),
    ).toEqual(['no-holder 150-170']);
  });

  test('that others could reach', () => {
    const isolated = fault('isolate', a, 150, 180);
    expect(judged(...isolated)).toEqual(['no-holder 150-180']);
    expect(judged(...isolated, address(156, b, true), address(182, a, false))).toEqual([]);
  });

  test('while no node could be one', () => {
    expect(
      judged(
        { at: 110, kind: 'absent', node: b, on: true, why: 'down' },
        ...fault('power-cut', a, 150, 190),
        address(150, a, false),
        address(198, a, true),
      ),
    ).toEqual([]);
  });

  test('after a boot, once both daemons had time', () => {
    expect(
      judged(
        { at: 110, kind: 'absent', node: b, on: true, why: 'down' },
        ...fault('reboot', a, 150, 160),
        address(150, a, false),
        address(180, a, true),
      ),
    ).toEqual(['no-holder 168-180']);
  });

  test('while the other stands back for a run that lives, and for some seconds after it is lost', () => {
    const held = [standing(140, b, true), lease(140, b, 160), standing(168, b, false), lease(168, b, undefined)];
    expect(judged(...held, address(150, a, false), address(174, b, true), ...fault('power-cut', a, 150, 290))).toEqual(
      [],
    );
    expect(judged(...held, address(150, a, false), address(180, b, true), ...fault('power-cut', a, 150, 290))).toEqual([
      'no-holder 168-180',
    ]);
  });

  test('while a run keeps the other back without end', () => {
    expect(
      judged(
        standing(140, b, true),
        lease(140, b, 250),
        address(150, a, false),
        ...fault('power-cut', a, 150, 290),
        standing(200, b, false),
        lease(200, b, undefined),
        address(205, b, true),
      ),
    ).toEqual(['no-holder 150-205']);
  });

  test('counts from the moment when it serves, also soon after a boot', () => {
    expect(
      judged(
        ...fault('reboot', a, 110, 120),
        address(110, a, false),
        address(112, b, true),
        address(125, b, false),
        address(125, a, true),
      ),
    ).toEqual([]);
  });

  test('of a VIP that may come and go', () => {
    expect(judged(address(150, a, true, second), address(151, a, false, second))).toEqual([]);
  });
});

describe('standing back', () => {
  test('for a lease that lives, and some seconds more', () => {
    expect(judged(lease(140, b, 160), standing(142, b, true), standing(170, b, false))).toEqual([]);
  });

  test('for longer', () => {
    expect(judged(lease(140, b, 160), standing(142, b, true), standing(171, b, false))).toEqual([
      'standing-back 170-171',
    ]);
  });

  test('for a lease that was given back before it ran out', () => {
    expect(
      judged(lease(140, b, 200), standing(142, b, true), lease(150, b, undefined), standing(190, b, false)),
    ).toEqual(['standing-back 160-190']);
  });

  test('for one that is renewed', () => {
    expect(judged(lease(140, b, 150), standing(142, b, true), lease(148, b, 180), standing(185, b, false))).toEqual([]);
  });

  test('after a boot that has left the flag', () => {
    expect(
      judged(
        { at: 150, kind: 'watched', node: b, on: false },
        { at: 160, kind: 'watched', node: b, on: true },
        { at: 161, kind: 'keepalived', node: b, on: true },
        standing(160, b, true),
        standing(180, b, false),
      ),
    ).toEqual(['standing-back 171-180']);
  });

  test('while it cannot go back, or cannot ask its peer', () => {
    for (const kind of ['disk-full', 'command-fails', 'cut-peer'] as const)
      expect(
        judged(lease(140, b, 150), standing(142, b, true), standing(200, b, false), ...fault(kind, b, 145, 190)),
        kind,
      ).toEqual([]);
  });
});
