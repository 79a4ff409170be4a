import fc from 'fast-check';

/** Of every property about hostile text: the same cases on every machine, each run. */
export const seed = 20_261_123;

/** A directive that no daemon knows: where it stands first in a line, a value has become syntax. */
export const injected = 'hd_injected';

/** What would be syntax somewhere: in a shell, in a file of a daemon, in a template, on a terminal. */
const pieces = [
  `\n${injected} on\n`,
  `\r${injected} on\r`,
  `\r\n    ${injected}`,
  `\u2028${injected}\u2029`,
  `}\n${injected} {\n`,
  `{ ${injected} }`,
  `; ${injected};`,
  `' ${injected} '`,
  `" ${injected} "`,
  "'\\''",
  '"',
  "'",
  '`touch /tmp/hd_injected`',
  '$(touch /tmp/hd_injected)',
  `\${HOME}`,
  '$PATH',
  '# no more',
  '!no more',
  '%[env(PATH)]',
  '%2e%h%%',
  '%s%n',
  '<%= process.env %>',
  '<%- 1 %>',
  '@^other',
  '~SEQ(1,9)',
  '\\',
  '\\\n',
  '&&',
  '| sh',
  '>&2',
  '*?[a]',
  '!!',
  '-rf',
  '../../..',
  '\t',
  ' ',
  '\0',
  '\u001b[2J\u001b]0;owned\u0007',
  '\u009b1A',
  '\u202e',
  '\u200b',
  '\ufeff',
  'é测试😀',
  '\ud800',
  '__proto__',
  '(){}',
  '=,+~*&@:',
  'x'.repeat(10_240),
  '% '.repeat(5120),
] as const;

export const anyPiece: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...pieces) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.constantFrom(...'\'"`$(){}[]#%!~@&*?;|<>\\=+,.:/- \t\n'), maxLength: 8 }),
  },
);

/** Hostile text by itself, and a good value with hostile text somewhere in it. */
export function spoiled(value: string): fc.Arbitrary<string> {
  return fc.oneof(anyPiece, withInside(value, anyPiece));
}

/** A good value with a few characters more, of those that some values may have and that mean something to some program. */
export function strained(value: string): fc.Arbitrary<string> {
  return withInside(
    value,
    fc.string({ unit: fc.constantFrom(...'aZ19-._~@!&()*+,;=%/?:'), minLength: 1, maxLength: 2 }),
  );
}

function withInside(value: string, piece: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const place = fc.oneof(fc.constantFrom(0, value.length), fc.nat(value.length));
  return fc.tuple(place, piece).map(([at, text]) => value.slice(0, at) + text + value.slice(at));
}
