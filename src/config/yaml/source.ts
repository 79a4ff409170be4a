import { type Document, isScalar, type LineCounter } from 'yaml';
import { excerptOf, type Range } from '../problems/excerpt.js';
import type { ConfigFinding, ConfigProblem, Path } from '../problems/finding.js';
import { displayPath } from '../problems/path.js';
import { childOf, pathAt, rangeOf, resolve } from './nodes.js';
import { secretRanges } from './secret-ranges.js';

/** Characters that look like a space, or like nothing, and are none to YAML. */
function oddSpace(line: string): string | undefined {
  const found = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]/u.exec(line)?.[0];
  if (found === undefined) return undefined;
  const name = found.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  return `This line has a space that is none to YAML (U+${name}), perhaps copied from a page: put a plain one in its place.`;
}

/** A configuration file's text and YAML nodes: it knows where things are, and which parts of it may not be shown. */
export class YamlSource {
  readonly #file: string;
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #document: Document;
  readonly #hidden: readonly Range[];

  constructor(file: string, text: string, lines: LineCounter, document: Document) {
    this.#file = file;
    this.#text = text;
    this.#lines = lines;
    this.#document = document;
    this.#hidden = secretRanges(document, text);
  }

  /** The problem that a finding is, at the place of its path, or of the nearest thing above it that is there. */
  locate(finding: ConfigFinding): ConfigProblem {
    const { range, path } = this.#place(finding.path, finding.at);
    return this.#problem(range, path, finding);
  }

  /** The problem that a finding about a part of the text is; its path is that of what lies there, or of what that is a part of. */
  locateAt(range: Range, finding: ConfigFinding, level: 'here' | 'above' = 'here'): ConfigProblem {
    const path = pathAt(this.#document.contents, range.start);
    return this.#problem(range, level === 'here' ? path : path.slice(0, -1), finding);
  }

  /** Where the last line of a part of the text begins, behind its indentation. */
  lastLineWithin({ start, end }: Range): number {
    const line = this.#text.lastIndexOf('\n', end - 1) + 1;
    const indentation = /^[ \t]*/.exec(this.#text.slice(line, end))?.[0].length ?? 0;
    return Math.max(start, line + indentation);
  }

  #problem(range: Range, path: Path, { severity, found, expected, fix }: ConfigFinding): ConfigProblem {
    const { line, col } = this.#lines.linePos(range.start);
    const odd = oddSpace(this.#text.split('\n', line)[line - 1] ?? '');
    return {
      severity,
      file: this.#file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      path: displayPath(path),
      found,
      expected,
      fix: odd ?? fix,
      excerpt: excerptOf(this.#text, range, this.#hidden),
    };
  }

  #place(path: Path, at: ConfigFinding['at']): { readonly range: Range; readonly path: Path } {
    let node: unknown = this.#document.contents;
    const start = rangeOf(node)?.start ?? 0;
    let range: Range = { start, end: start };
    for (const [depth, segment] of path.entries()) {
      const parent = resolve(node, this.#document);
      // A short form: what its long form has a key for is the value itself.
      if (isScalar(parent) && parent.value !== null) return { range, path: path.slice(0, depth) };
      const child = childOf(parent, segment, this.#document);
      if (child === undefined) break;
      const wantsKey = at === 'key' && depth === path.length - 1;
      range = (wantsKey ? child.key : child.value) ?? child.key ?? range;
      node = child.node;
    }
    return { range, path };
  }
}
