import { type Document, isAlias, isCollection, isMap, isNode, isScalar, isSeq, Scalar } from 'yaml';
import type { Range } from '../problems/excerpt.js';
import type { Path } from '../problems/finding.js';

/** A value inside a map or list: its key's range, its own range where it stands beside its key, and its node. */
export interface Child {
  readonly key: Range | undefined;
  readonly value: Range | undefined;
  readonly node: unknown;
}

/** The value that an alias stands for; any other node is itself. */
export function resolve(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

const mergeKey = '<<';

/** Whether this is the key by which a map takes over the entries of others; in quotes it is a key like any other. */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === mergeKey && key.type === Scalar.PLAIN;
}

/** The maps that the value of a merge key stands for, the first of which counts; undefined where it stands for anything else. */
export function mergedMaps(value: unknown, document: Document): readonly unknown[] | undefined {
  const target = resolve(value, document);
  const maps = isSeq(target) ? target.items.map((item) => resolve(item, document)) : [target];
  return maps.every((map) => isMap(map)) ? maps : undefined;
}

/** The child of that name: of the map or list itself, else of what it takes over. */
export function childOf(node: unknown, segment: string | number, document: Document, depth = 0): Child | undefined {
  const [, own] = childrenOf(node).findLast(([key]) => key === segment) ?? [];
  if (own !== undefined || !isMap(node) || depth === mostMerges) return own;
  const merged = node.items.flatMap(({ key, value }) => (isMergeKey(key) ? (mergedMaps(value, document) ?? []) : []));
  return merged.map((map) => childOf(map, segment, document, depth + 1)).find((child) => child !== undefined);
}

/** Maps that take over maps that take over others; one may lead to itself. */
const mostMerges = 20;

/** The children of a map or list, with the key or index of each; none for any other node. */
export function childrenOf(node: unknown): [string | number, Child][] {
  if (isSeq(node))
    return node.items.map((item, index) => [index, { key: undefined, value: rangeOf(item), node: item }]);
  if (!isMap(node)) return [];
  return node.items.map(({ key, value }) => [
    isScalar(key) ? String(key.value) : '?',
    { key: rangeOf(key), value: inlineRange(value), node: value },
  ]);
}

export function rangeOf(node: unknown): Range | undefined {
  const range = isNode(node) ? node.range : undefined;
  return range === undefined || range === null ? undefined : { start: range[0], end: range[1] };
}

/** The path to what is at an offset of the text, as far down as it goes. */
export function pathAt(node: unknown, offset: number): Path {
  // Where one ends another may begin, and an error is of that.
  const found = childrenOf(node).findLast(([, child]) => {
    const start = child.key?.start ?? rangeOf(child.node)?.start ?? Infinity;
    const end = rangeOf(child.node)?.end ?? child.key?.end ?? -1;
    return start <= offset && offset <= end;
  });
  return found === undefined ? [] : [found[0], ...pathAt(found[1].node, offset)];
}

/** The innermost value in quotes or brackets that ends at `offset`: one that was never closed, if the text ends there. */
export function openAt(node: unknown, offset: number): Range | undefined {
  for (const [, child] of childrenOf(node)) {
    const open = openAt(child.node, offset);
    if (open !== undefined) return open;
  }
  const range = rangeOf(node);
  return isDelimited(node) && range?.end === offset ? range : undefined;
}

/** The range of a value that stands beside its key: not of one that is empty or begins on the next line. */
function inlineRange(node: unknown): Range | undefined {
  const range = rangeOf(node);
  if (range === undefined || range.start === range.end) return undefined;
  return isCollection(node) && node.flow !== true ? undefined : range;
}

function isDelimited(node: unknown): boolean {
  if (isCollection(node)) return node.flow === true;
  return isScalar(node) && (node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE);
}
