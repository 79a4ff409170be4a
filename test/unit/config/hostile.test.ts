import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError } from '../../../src/config/problems/config-error.js';
import { DeployError } from '../../../src/errors/deploy-error.js';
import { anyPiece, seed } from '../../support/hostile.js';
import { cases } from '../../support/thoroughness.js';
import { failure, load } from './support.js';

const full = readFileSync(new URL('../../../examples/full.yaml', import.meta.url));

/** Bytes of any kind, and the example with bytes of any kind in it. */
const anyFile: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  fc
    .array(fc.tuple(fc.nat(full.length), fc.nat(20), fc.oneof(fc.uint8Array({ maxLength: 20 }), anyPiece)), {
      minLength: 1,
      maxLength: 4,
    })
    .map((edits) =>
      edits.reduce<Buffer>(
        (bytes, [at, cut, piece]) =>
          Buffer.concat([bytes.subarray(0, at), Buffer.from(piece as Uint8Array), bytes.subarray(at + cut)]),
        full,
      ),
    ),
  fc.constantFrom<BufferEncoding>('utf16le', 'latin1').map((encoding) => Buffer.from(`é${full.toString()}`, encoding)),
);

test('a file of any bytes is loaded, or refused with positions', () => {
  fc.assert(
    fc.property(anyFile, (bytes) => {
      try {
        load(bytes, { files: { '/etc/lb/haproxy.pem': 'x' } });
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        for (const { line, column } of (error as ConfigError).problems) {
          expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
        }
        expect((error as ConfigError).message.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }
    }),
    { numRuns: cases(200), seed },
  );
});

// Looking for the places of all of them took minutes.
test.each([
  ['maps in each other on one line', 'a: '.repeat(1000)],
  ['one key again and again', 'a: &a\n'.repeat(500)],
  ['brackets without end', '['.repeat(20_000)],
  ['brackets beside each other', '[]'.repeat(1000)],
  ['quotes beside each other', '"'.repeat(3000)],
  ['keys that mean something to JavaScript', '__proto__: a\n'.repeat(500)],
  ['keys that nobody knows', Array.from({ length: 500 }, (_, index) => `key${index}: a\n`).join('')],
])('of %s, no more is told than anybody reads', (_, text) => {
  const error = failure(text);
  expect(error).toBeInstanceOf(DeployError);
  expect((error as ConfigError).problems.length).toBeLessThanOrEqual(410);
});
