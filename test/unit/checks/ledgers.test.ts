import { describe, expect, test } from 'vitest';
import { pastWarnings, runWarnings } from '../../../src/checks/ledgers.js';
import type { Observation } from '../../../src/facts/observation.js';
import { bareLedger, captured, hostWith } from '../facts/support.js';

const confirmed = captured('ledger/bookworm-confirmed').stdout;
const underWay = captured('ledger/bookworm-first-run').stdout;
const reverted = captured('ledger/bookworm-reverted').stdout;

/** A host on which it is so many seconds after a run was undone. */
function host(node: string, ledger: string, secondsLater = 60): Observation {
  return hostWith({ ledger, clock: `${1_700_000_100 + secondsLater}\n` }, node);
}

/** Of nodes on which no run of this machine has died. */
function told(hosts: readonly Observation[]): readonly string[] {
  return pastWarnings(hosts, () => false);
}

describe('ledgers are no news', () => {
  test.each([
    ['where no run has ever ended', [host('a', bareLedger), host('b', bareLedger)]],
    ['where all have the same generation', [host('a', confirmed), host('b', confirmed)]],
    ['where a run was undone the day before yesterday', [host('a', reverted, 86_401), host('b', confirmed)]],
  ])('%s', (_, hosts) => {
    expect(told(hosts)).toEqual([]);
  });
});

describe('an operator is told', () => {
  test('of a run that did not reach all', () => {
    expect(told([host('a', confirmed), host('b', confirmed.replace('id=3', 'id=2'))])).toEqual([
      'the nodes do not have the same generation (a has 3, b has 2): a run did not reach all of them; `ha-deploy up` brings them into line',
    ]);
    expect(told([host('a', confirmed), host('b', bareLedger)])).toEqual([
      expect.stringContaining('(a has 3, b has none)'),
    ]);
  });

  test('what went back, when, to what and why', () => {
    expect(told([host('a', reverted), host('b', reverted.replace('to=3', 'to=0'))])).toEqual([
      'a went back to generation 3 at 2023-11-14T22:15:00Z: the run ended before it was confirmed',
      'b went back to what was there before the first run at 2023-11-14T22:15:00Z: the run ended before it was confirmed',
    ]);
  });
});

describe('who looks is told', () => {
  const alive = (): boolean => false;

  test('of nothing where no run is under way', () => {
    expect(runWarnings([host('a', bareLedger), host('b', confirmed)], alive)).toEqual([]);
  });

  test('of a run that is under way, once for all its nodes', () => {
    expect(runWarnings([host('a', underWay), host('b', underWay), host('c', confirmed)], alive)).toEqual([
      'a, b: held by anna@laptop (up, process 4711), since 2023-11-14T22:13:20Z; what you see here may still change',
    ]);
  });

  test('of one whose process has ended on this machine, and when the nodes notice', () => {
    const gone = ({ pid }: { readonly pid: number }): boolean => pid === 4711;
    expect(runWarnings([host('a', underWay)], gone)).toEqual([
      'a: held by anna@laptop (up, process 4711), since 2023-11-14T22:13:20Z, which has ended on this machine: what it had begun is undone in up to 60 s, and `ha-deploy up` takes the nodes over at once',
    ]);
  });

  test('of one that was lost, as long as it is not undone', () => {
    const lost = 'a run was lost before it was confirmed';
    for (const ledger of [underWay.replace('expires=1060', 'expires=1000'), underWay.replaceAll(/^\/run\/.*\n/gm, '')])
      expect(runWarnings([host('a', ledger)], alive)).toEqual([expect.stringContaining(`a: ${lost}`)]);
  });
});
