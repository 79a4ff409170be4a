import { type Document, isCollection, isScalar } from 'yaml';
import type { Range } from '../problems/excerpt.js';
import type { Path } from '../problems/finding.js';
import { hidesKey, hidesValue } from '../problems/secrecy.js';
import { type Child, childrenOf, rangeOf, resolve } from './nodes.js';

/** A line on which something like a password is given a value that is no reference; also where YAML found no sense. */
const assignment =
  /\b\w*(?:pas+w|passphrase|pwd|secret|token|credential|auth)\w*["']?[ \t]*:[ \t]*(?!\{\s*\w+\s*:)(\S[^\n]*)/gi;

/** Where the text may hold secrets that were written into it by mistake, in order and without overlap. */
export function secretRanges(document: Document, text: string): Range[] {
  const ranges = [...rangesOfNodes(document), ...(document.errors.length > 0 ? rangesOfLines(text) : [])];
  return merged(ranges.toSorted((one, other) => one.start - other.start));
}

function rangesOfNodes(document: Document): Range[] {
  const ranges: Range[] = [];
  const seen = { inside: new Set<unknown>(), outside: new Set<unknown>() };

  const visit = (node: unknown, path: Path): void => {
    const target = resolve(node, document);
    const range = rangeOf(target);
    if (isScalar(target) && range !== undefined && range.end > range.start && hidesValue(path, target.value))
      ranges.push(range);
    if (!isCollection(target)) return;
    // A node that many aliases stand for is looked at once where its values are secret and once where they are not.
    const visited = hidesKey([...path, '']) ? seen.inside : seen.outside;
    if (visited.has(target)) return;
    visited.add(target);
    for (const [segment, child] of childrenOf(target)) visitChild(child, [...path, segment]);
  };

  const visitChild = (child: Child, path: Path): void => {
    if (child.key !== undefined && hidesKey(path)) ranges.push(child.key);
    visit(child.node, path);
  };

  visit(document.contents, []);
  return ranges;
}

function rangesOfLines(text: string): Range[] {
  return [...text.matchAll(assignment)].map((match) => {
    const end = match.index + match[0].length;
    return { start: end - (match[1]?.length ?? 0), end };
  });
}

function merged(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last === undefined || range.start >= last.end) result.push(range);
    else result[result.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
  }
  return result;
}
