import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameParser, type Marker, markerEdge } from '../../../../src/remote/exec/frames.js';

const nonce = '0123456789abcdef0123456789abcdef';
const otherNonce = 'f'.repeat(32);

/** Bytes are compared as Latin-1, one character each. */
type Event = Marker | { kind: 'content'; bytes: string };

function parse(chunks: readonly Buffer[]): Event[] {
  const events: Event[] = [];
  const parser = new FrameParser(nonce, {
    marker: (marker) => events.push(marker),
    content: (bytes) => {
      const last = events.at(-1);
      if (last?.kind === 'content') last.bytes += bytes.toString('latin1');
      else events.push({ kind: 'content', bytes: bytes.toString('latin1') });
    },
  });
  for (const chunk of chunks) parser.push(chunk);
  parser.end();
  return events;
}

function written(marker: Marker, with_: string = nonce): string {
  const words =
    marker.kind === 'start'
      ? `start ${marker.index}`
      : marker.kind === 'end'
        ? `end ${marker.index} ${marker.exitCode}`
        : marker.kind;
  return `${markerEdge}${with_} ${words}${markerEdge}`;
}

function content(text: string | Buffer): Event {
  return { kind: 'content', bytes: Buffer.from(text).toString('latin1') };
}

const anyMarker: fc.Arbitrary<Marker> = fc.oneof(
  fc.constantFrom<Marker>({ kind: 'begin' }, { kind: 'done' }, { kind: 'aborted' }),
  fc.record({ kind: fc.constant('start' as const), index: fc.nat(999) }),
  fc.record({ kind: fc.constant('end' as const), index: fc.nat(999), exitCode: fc.nat(255) }),
);

/** Content of every sort, also such as looks like a marker, or like the beginning of one. */
const anyContent: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.string().map((text) => Buffer.from(text)),
      anyMarker.map((marker) => Buffer.from(written(marker, otherNonce))),
      fc
        .constantFrom(markerEdge, `${markerEdge}${nonce}`, `${markerEdge}${nonce} ende`, '\r\n', 'é')
        .map((text) => Buffer.from(text)),
    ),
    { maxLength: 5 },
  )
  .map((parts) => Buffer.concat(parts));

describe('FrameParser', () => {
  it('tells markers from content, whatever the content is and however the stream is cut up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyContent, anyMarker), { maxLength: 6 }),
        anyContent,
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
        (frames, last, sizes) => {
          const stream = Buffer.concat([
            ...frames.flatMap(([bytes, marker]) => [bytes, Buffer.from(written(marker))]),
            last,
          ]);
          const expected = [...frames.flatMap(([bytes, marker]) => [content(bytes), marker]), content(last)];
          expect(parse(cut(stream, sizes))).toEqual(
            expected.filter((event) => event.kind !== 'content' || event.bytes.length > 0),
          );
        },
      ),
    );
  });

  it.each([
    ['another nonce', `${markerEdge}${otherNonce} done${markerEdge}`],
    ['an unknown word', `${markerEdge}${nonce} finish${markerEdge}`],
    ['a word too many', `${markerEdge}${nonce} done 1${markerEdge}`],
    ['a sign', `${markerEdge}${nonce} end 1 -1${markerEdge}`],
    ['no exit code', `${markerEdge}${nonce} end 1 ${markerEdge}`],
    ['no closing edge', `${markerEdge}${nonce} done\n`],
    ['a closing edge far off', `${markerEdge}${nonce} done${' '.repeat(100)}${markerEdge}`],
    ['upper case', `${markerEdge}${nonce.toUpperCase()} done${markerEdge}`],
  ])('takes a marker with %s for content', (_what, text) => {
    expect(parse([Buffer.from(text)])).toEqual([content(text)]);
  });

  it('finds a marker right behind what only looked like one', () => {
    const lookalike = `${markerEdge}${nonce} x${markerEdge}${nonce} `;
    expect(parse([Buffer.from(lookalike + written({ kind: 'done' }))])).toEqual([content(lookalike), { kind: 'done' }]);
  });

  it('keeps no more than one unfinished marker back', () => {
    let told = 0;
    const parser = new FrameParser(nonce, {
      marker: () => undefined,
      content: (bytes) => {
        told += bytes.length;
      },
    });
    const chunk = Buffer.from(`${markerEdge}${nonce} `.repeat(1000));
    let pushed = 0;
    for (let round = 0; round < 50; round++) {
      parser.push(chunk);
      pushed += chunk.length;
      expect(pushed - told).toBeLessThan(128);
    }
  });
});

function cut(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let from = 0, index = 0; from < stream.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(stream.subarray(from, from + size));
    from += size;
  }
  return chunks;
}
