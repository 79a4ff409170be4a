import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DrillRecord, Probe } from '../../../../src/drill/probe/record.js';
import { drillPage } from '../../../../src/report/page/drill-page.js';
import { cases } from '../../../support/thoroughness.js';
import { anyText } from '../any-text.js';
import { drill, failed, killed, lost, planned, saturated, slow } from '../drill/records.js';

const page = drillPage(drill(killed, slow, lost, failed, planned));

test('is the page that it was', async () => {
  await expect(drillPage(drill(killed))).toMatchFileSnapshot('../../../golden/drill.html');
});

describe('a page', () => {
  test('needs nothing but itself', () => {
    expect(page).not.toMatch(/<(script|link|img|iframe|object|embed|base|form)|@import|https?:|\son\w+=/i);
    expect([...page.matchAll(/url\(([^)]*)\)/g)].map((match) => match[1])).toContain('#hatch');
    expect([...page.matchAll(/url\((?!#)/g)]).toEqual([]);
  });

  test('closes every tag that it opens, and every id is there once', () => {
    expectBalanced(page);
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const referred = [...page.matchAll(/(?:aria-labelledby|href)="#?([^"]*)"/g)].flatMap((match) =>
      match[1]?.split(' '),
    );
    expect(ids).toEqual(expect.arrayContaining(referred));
  });

  test('says who, when, where and how it went', () => {
    for (const text of [
      '<h1>k8s-api</h1>',
      '22 November 2026, 03:00:12 UTC',
      '192.168.8.100:8443 (k8s-apiserver)',
      'every 5 ms, from the machine that ran the drill',
      '2 of 5 faults were over budget, 1 failed',
    ]) {
      expect(page).toContain(text);
    }
  });

  test('shows the numbers of every fault in its row', () => {
    expect(cellsOf('haproxy-kill')).toEqual([
      'node-101 → node-102',
      '20 ms',
      '50 ms',
      '',
      '200',
      '4',
      '0',
      '✔ within budget',
    ]);
    expect(cellsOf('haproxy-stop')).toEqual([
      'node-101 → node-102',
      '80 ms',
      '50 ms',
      '',
      '200',
      '16',
      '0',
      '✖ over budget',
    ]);
    expect(cellsOf('node-isolate')).toEqual([
      'node-101 → nobody',
      'no end',
      '350 ms',
      '',
      '200',
      '99',
      '0',
      '✖ did not return',
    ]);
    expect(cellsOf('keepalived-kill')).toEqual([
      'node-101 → nobody',
      '20 ms',
      '50 ms',
      '',
      '200',
      '4',
      '0',
      '✖ failed',
    ]);
    expect(cellsOf('planned')).toEqual(['node-101 → node-102', '0 ms', '0 ms', '', '200', '0', '1', '✔ within budget']);
  });

  test('of nothing says so', () => {
    expect(drillPage(drill())).toContain('No fault was injected');
    expectBalanced(drillPage(drill()));
  });
});

test('every failed probe has its stroke, by its kind, close up and in the whole record', () => {
  const close = [...page.matchAll(/<path class="probe (refused|reset|silent)" d="([^"]*)"/g)];
  expect(close.map((match) => [match[1], match[2]?.match(/M/g)?.length])).toEqual([
    ['refused', 4],
    ['reset', 16],
    ['silent', 99],
    ['refused', 4],
    ['reset', 1],
  ]);
  expect([...page.matchAll(/<path class="failed"/g)]).toHaveLength(5);
});

test('stays small however many probes there were', () => {
  const answers = ['answered', 'refused', 'reset', 'silent'] as const;
  const many = Array.from(
    { length: 4000 },
    (_, index): Probe => ({ at: index * 5, tookMs: 900, answer: answers[index % 4] ?? 'answered' }),
  );
  const fault = { ...lost, probes: many, endedAt: 20_000 };
  const megabyte = 1_000_000;
  expect(drillPage(drill(...Array.from({ length: 7 }, () => fault))).length).toBeLessThan(megabyte);
});

test('no text from outside becomes markup', () => {
  const hostile = fc.oneof(
    anyText,
    fc.constantFrom(
      '<script>alert(1)</script>',
      '" onload="alert(1)',
      '</title><img src=x onerror=alert(1)>',
      ']]>',
      '&lt;',
      "'",
    ),
  );
  const shape = tagsOf(drillPage(poisoned('x')));
  fc.assert(
    fc.property(hostile, (text) => {
      expect(tagsOf(drillPage(poisoned(`x${text}`)))).toEqual(shape);
    }),
    { numRuns: cases(50) },
  );
});

/** A drill with this text wherever a text from outside may stand. */
function poisoned(text: string): DrillRecord {
  const fault = { ...killed, from: text, to: text, holders: [{ at: 0, node: text, holds: true }] };
  return {
    ...drill(fault, { ...failed, from: text }),
    cluster: text,
    startedAt: text,
    version: text,
    endpoint: text,
    service: text,
    prober: text,
    nodes: [text, 'node-102'],
  };
}

/** All tags with the names of their attributes. */
function tagsOf(text: string): string[] {
  return [...text.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/"[^"]*"/g, '""'));
}

function expectBalanced(text: string): void {
  const open: string[] = [];
  const empty = new Set(['meta', '!doctype']);
  for (const [, closing, name = '', rest = ''] of text.matchAll(/<(\/?)([a-z!][a-z0-9]*)([^>]*)>/gi)) {
    if (closing === '/') expect(open.pop()).toBe(name);
    else if (!rest.endsWith('/') && !empty.has(name)) open.push(name);
  }
  expect(open).toEqual([]);
}

function cellsOf(fault: string): string[] {
  const row = page.split('\n').find((line) => line.startsWith('<tr>') && line.includes(`>${fault}</a>`)) ?? '';
  return [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map((match) => match[1]?.replaceAll(/<[^>]*>/g, '') ?? '');
}

test('a service that was filled is a section like others', () => {
  const text = drillPage(drill(saturated));
  expect(text).toContain('Service full <code>saturate</code>');
  expect(text).toContain('node-101 keeps it');
  expect(text).toContain('the VIP stayed.');
  expect(text).toContain('210 idle connections where 200 may be: 70 probes found no room meanwhile, counted apart.');
});
