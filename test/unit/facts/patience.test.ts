import { expect, test } from 'vitest';
import { controlPlane } from '../../../src/drill/fault/control-plane.js';
import { networkPortrait } from '../../../src/drill/fault/network-snapshot.js';
import type { Fact } from '../../../src/facts/fact.js';
import { clock } from '../../../src/facts/host/clock.js';
import { standing } from '../../../src/facts/keepalived/participation.js';
import { generations } from '../../../src/facts/ledger/ledger.js';
import { facts } from './every-fact.js';

const others: readonly Fact<unknown>[] = [clock, controlPlane, generations, networkPortrait, standing];

const mebibyte = 1024 * 1024;

/** What a pattern could lose its way in, a mebibyte of each. */
const pieces = ['x', ' ', '0', '1 ', '/', 'a\n'];

test.each([...facts.map(([, fact]) => fact), ...others].map((fact) => [fact.id, fact] as const))(
  'the fact %s reads or refuses a mebibyte of the same',
  (_, fact) => {
    for (const piece of pieces) expectReadOrRefused(fact, piece.repeat(mebibyte / piece.length));
  },
);

function expectReadOrRefused(fact: Fact<unknown>, stdout: string): void {
  try {
    fact.parse({ exitCode: 0, stdout });
  } catch (error) {
    expect(error).toMatchObject({ code: 'FACT_UNREADABLE' });
  }
}
