import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Sightings } from '../../../../src/remote/exec/occurrences.js';

it('counts what comes by, however it is cut into pieces', () => {
  const piece = fc.constantFrom('hd-1f', 'hd-', '1f', 'hd-1', 'noise', '');
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(20)), (pieces, cuts) => {
      const text = pieces.join('');
      const seen: number[] = [];
      const sightings = new Sightings(Buffer.from('hd-1f'), (count) => seen.push(count));
      let at = 0;
      for (const cut of [...cuts, text.length]) {
        sightings.push(Buffer.from(text.slice(at, at + cut)));
        at += cut;
      }
      expect(seen).toEqual(
        text
          .split('hd-1f')
          .slice(1)
          .map((_, index) => index + 1),
      );
    }),
  );
});

it('looks for nothing where there is nothing to look for', () => {
  const sightings = new Sightings(Buffer.alloc(0), () => expect.unreachable());
  sightings.push(Buffer.from('anything'));
});
