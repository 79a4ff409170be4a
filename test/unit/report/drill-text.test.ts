import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drillText, faultLine } from '../../../src/report/drill-text.js';
import { width } from '../../../src/report/spans.js';
import { styleOf } from '../../../src/report/style.js';
import { anyText } from './any-text.js';
import { drill, killed, lost, planned, slow, unjudged } from './drill/records.js';

const style = styleOf({ color: false, columns: 80 });

const mixed = drill(killed, slow, lost, unjudged, planned, { ...killed, passed: false });

test('a drill as a table', async () => {
  await expect(`${drillText(mixed, style)}\n`).toMatchFileSnapshot('fixtures/drill/mixed.txt');
  await expect(`${drillText(drill(killed, planned), style)}\n`).toMatchFileSnapshot('fixtures/drill/good.txt');
  await expect(`${drillText(mixed, styleOf({ color: true }))}\n`).toMatchFileSnapshot('fixtures/drill/color.txt');
});

test('a drill without faults', () => {
  expect(drillText(drill(), style)).toBe('k8s-api: no fault was injected');
});

test('a line for each fault as it ends', async () => {
  const lines = mixed.faults.map((fault) => faultLine(fault, style));
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('fixtures/drill/lines.txt');
});

test('no text steers a terminal or makes a line of its own, and no row is too long', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const record = drill({ ...killed, from: text, to: text }, { ...killed, to: undefined });
      const lines = drillText(record, style).split('\n');
      expect(lines).toHaveLength(5);
      expect(`${lines.join('')}${faultLine({ ...killed, from: text }, style)}`).not.toMatch(
        /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u,
      );
      for (const line of lines) expect(width(line)).toBeLessThanOrEqual(80);
    }),
  );
});
