import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DrillRecord, FaultRecord } from '../../../../src/drill/probe/record.js';
import { drillText, type FeltFault, faultLine, listedFault } from '../../../../src/report/drill/drill-text.js';
import { failedCount, inFlightCount } from '../../../../src/report/drill/judgement.js';
import { width } from '../../../../src/report/layout/spans.js';
import { styleOf } from '../../../../src/report/layout/style.js';
import { anyText } from '../any-text.js';
import { drill, failed, givenAway, killed, lost, planned, saturated, slow } from './records.js';

const style = styleOf({ color: false, columns: 80 });

const felt = (fault: FaultRecord): FeltFault => ({
  ...fault,
  probeCount: fault.probes.length,
  failedCount: failedCount(fault),
  inFlight: inFlightCount(fault),
});
const text = (record: DrillRecord, inStyle = style): string =>
  drillText(record.cluster, record.faults.map(felt), inStyle);

const mixed = drill(killed, slow, lost, failed, planned, { ...killed, passed: false });

test('a drill as a table', async () => {
  await expect(`${text(mixed)}\n`).toMatchFileSnapshot('fixtures/drill/mixed.txt');
  await expect(`${text(drill(killed, planned))}\n`).toMatchFileSnapshot('fixtures/drill/good.txt');
  await expect(`${text(mixed, styleOf({ color: true }))}\n`).toMatchFileSnapshot('fixtures/drill/color.txt');
});

test('a drill that filled the service', async () => {
  const unseen = { ...givenAway, to: undefined };
  await expect(`${text(drill(saturated, givenAway, unseen))}\n`).toMatchFileSnapshot('fixtures/drill/saturated.txt');
});

test('a drill without faults', () => {
  expect(text(drill())).toBe('k8s-api: no fault was injected');
});

test('a line for each fault as it ends', async () => {
  const lines = mixed.faults.map((fault) => faultLine(felt(fault), style));
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('fixtures/drill/lines.txt');
});

test('no text steers a terminal or makes a line of its own, and no row is too long', () => {
  fc.assert(
    fc.property(anyText, (given) => {
      const record = drill({ ...killed, from: given, to: given }, { ...killed, to: undefined });
      const lines = text(record).split('\n');
      expect(lines).toHaveLength(5);
      expect(`${lines.join('')}${faultLine(felt({ ...killed, from: given }), style)}`).not.toMatch(
        /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u,
      );
      for (const line of lines) expect(width(line)).toBeLessThanOrEqual(80);
    }),
  );
});

test('what a run tells of a fault is listed as it is told', () => {
  const told = { fault: 'planned', from: 'a', to: null, outageMs: null, budgetMs: 0, passed: false } as const;
  expect(listedFault({ ...told, probes: 10, failedProbes: 2, inFlight: 1 })).toMatchObject({
    to: undefined,
    outageMs: undefined,
    probeCount: 10,
    failedCount: 2,
  });
});
