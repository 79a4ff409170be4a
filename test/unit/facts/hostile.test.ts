import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../../src/facts/fact.js';
import { cases } from '../../support/thoroughness.js';
import { facts } from './every-fact.js';
import { captured, capturesOf } from './support.js';

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

/** What a host printed, with a piece of it replaced, cut short, doubled or overwritten by something odd, or its lines mixed. */
function damaged(text: string): fc.Arbitrary<string> {
  const place = fc.nat(text.length);
  const lines = text.split('\n');
  return fc.oneof(
    fc.shuffledSubarray(lines).map((some) => some.join('\n')),
    fc.shuffledSubarray([...lines, ...lines], { minLength: lines.length }).map((twice) => twice.join('\n')),
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
        expect(numbersIn(value).filter((number) => !Number.isSafeInteger(Math.floor(number)))).toEqual([]);
      }),
      { numRuns: cases(300) },
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
