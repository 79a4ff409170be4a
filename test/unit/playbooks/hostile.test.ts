import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paths } from '../../../playbooks/paths.js';
import { ConfigError } from '../../../src/config/problems/config-error.js';
import { parseHaproxy } from '../../../src/lint/daemons/haproxy-cfg.js';
import { parseKeepalived } from '../../../src/lint/daemons/keepalived-conf.js';
import type { Directive } from '../../../src/lint/daemons/source.js';
import { injected, seed } from '../../support/hostile.js';
import {
  attack,
  clusterOf,
  example,
  isOperatorsOwn,
  places,
  strain,
  type Written,
  withText,
  written,
} from './hostile-configuration.js';

const expected = written(clusterOf(example));
const expectedLines = expected.map(linesIn);
const expectedDirectives = expected.map(directivesIn);

test('every text of the example is attacked', () => {
  expect(places.length).toBeGreaterThan(150);
});

test.each([
  ['hostile text in any place', attack, 250, 15],
  ['text that some values may have', strain, 150, 25],
] as const)('%s is refused with its position, or is one word of a file', (_, arbitrary, numRuns, least) => {
  let accepted = 0;
  fc.assert(
    fc.property(arbitrary, ({ place, text }) => {
      const files = filesOf(withText(place, text));
      if (files === undefined) return;
      accepted += 1;
      if (isOperatorsOwn(place)) return;
      expect(files.map(linesIn)).toEqual(expectedLines);
      expect(files.map(directivesIn)).toEqual(expectedDirectives);
      for (const [index, file] of files.entries()) expectOnlyWords(file, expected[index], place.text, text);
    }),
    { numRuns, seed },
  );
  expect(accepted).toBeGreaterThan(least);
});

/** Nothing where the configuration is refused, as it must be. */
function filesOf(yaml: string): readonly Written[] | undefined {
  const lines = yaml.split('\n');
  try {
    return written(clusterOf(yaml));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems).not.toEqual([]);
    for (const { line, column, path } of error.problems) {
      expect(path).not.toBe('');
      expect(column).toBeGreaterThanOrEqual(1);
      expect(lines[line - 1]?.length).toBeGreaterThanOrEqual(column - 1);
    }
    expect(error.message.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    return undefined;
  }
}

/** How many lines there are, whatever ends a line anywhere. */
function linesIn({ text }: Written): number {
  return text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/).length;
}

/** How many directives the daemon reads, blocks and their ends included. */
function directivesIn({ node, path, text }: Written): number {
  const count = (directives: readonly Directive[]): number =>
    directives.reduce((sum, { block = [] }) => sum + 1 + count(block), 0);
  return path === paths.haproxyConfig
    ? parseHaproxy({ file: path, text }).reduce((sum, { directives }) => sum + 1 + directives.length, 0)
    : count(parseKeepalived({ file: path, text }, node));
}

/** The file is the example's, but for lines in which the one text stands where the other stood, and the daemon reads it so. */
function expectOnlyWords(file: Written, original: Written | undefined, before: string, after: string): void {
  const originals = original?.text.split('\n') ?? [];
  for (const [index, line] of file.text.split('\n').entries()) {
    if (line === originals[index]) continue;
    // A server of a list is named after its host.
    const parts = originals[index]?.split(before).map((part) => part.replaceAll(hostOf(before), () => hostOf(after)));
    expect(line).toBe(parts?.join(after));
    if (/^[#!]/.test(line)) continue;
    expect(wordsRead(file, line)).toEqual(line.trim().replace(/ \{$/, '').split(/\s+/));
    expect(line.trim().startsWith(injected)).toBe(false);
  }
}

function hostOf(endpoint: string): string {
  return endpoint.replace(/:\d+$/, '');
}

/** A line as the daemon reads it. */
function wordsRead({ node, path, text }: Written, line: string): readonly string[] {
  if (path === paths.haproxyConfig) {
    const section = parseHaproxy({ file: text, text: `global\n${line}` }).at(-1);
    return section?.directives[0]?.words ?? [section?.keyword ?? '', section?.name ?? ''];
  }
  const [directive] = parseKeepalived({ file: text, text: line.endsWith('{') ? `${line}\n}` : line }, node);
  return directive?.words ?? [];
}
