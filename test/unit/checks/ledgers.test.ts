import { describe, expect, test } from 'vitest';
import { ledgerWarnings } from '../../../src/checks/ledgers.js';
import type { Observation } from '../../../src/facts/observation.js';
import { bareLedger, captured, hostWith } from '../facts/support.js';

const confirmed = captured('ledger/bookworm-confirmed').stdout;
const reverted = captured('ledger/bookworm-reverted').stdout;

/** A host on which it is so many seconds after a run was undone. */
function host(node: string, ledger: string, secondsLater = 60): Observation {
  return hostWith({ ledger, clock: `${1_700_000_100 + secondsLater}\n` }, node);
}

describe('ledgers are no news', () => {
  test.each([
    ['where no run has ever ended', [host('a', bareLedger), host('b', bareLedger)]],
    ['where all have the same generation', [host('a', confirmed), host('b', confirmed)]],
    ['where a run was undone the day before yesterday', [host('a', reverted, 86_401), host('b', confirmed)]],
  ])('%s', (_, hosts) => {
    expect(ledgerWarnings(hosts)).toEqual([]);
  });
});

describe('an operator is told', () => {
  test('of a run that did not reach all', () => {
    expect(ledgerWarnings([host('a', confirmed), host('b', confirmed.replace('id=3', 'id=2'))])).toEqual([
      'the nodes do not have the same generation (a has 3, b has 2): a run did not reach all of them; `ha-deploy up` brings them into line',
    ]);
    expect(ledgerWarnings([host('a', confirmed), host('b', bareLedger)])).toEqual([
      expect.stringContaining('(a has 3, b has none)'),
    ]);
  });

  test('what went back, when, to what and why', () => {
    expect(ledgerWarnings([host('a', reverted), host('b', reverted.replace('to=3', 'to=0'))])).toEqual([
      'a went back to generation 3 at 2023-11-14T22:15:00Z: the run was lost',
      'b went back to what was there before the first run at 2023-11-14T22:15:00Z: the run was lost',
    ]);
  });
});
