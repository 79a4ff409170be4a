import {
  type Document,
  isAlias,
  isCollection,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { type ConfigFinding, type ConfigProblem, mistake } from '../problems/finding.js';
import { isMergeKey, mergedMaps, openAt, rangeOf } from './nodes.js';
import { YamlSource } from './source.js';
import { neverClosed, syntaxFinding, tooDeepLine } from './syntax.js';

/** A file read as YAML. */
export interface Parsed {
  readonly source: YamlSource;
  /** What is wrong with the text. */
  readonly problems: readonly ConfigProblem[];
  /** What the text says; nothing when it says nothing that makes sense to check. */
  readonly content: { readonly value: unknown } | undefined;
}

/** More of them than any configuration needs; each is looked up in the whole document. */
const mostAliases = 100;

/** Nobody reads more of them, and finding the places of all in a large file would take minutes. */
const mostFaults = 200;

/**
 * Reads YAML 1.2 text. Keys are text whatever they look like, so that a node `1.10` keeps its name.
 * Never throws for bad text.
 */
export function parseYaml(file: string, text: string): Parsed {
  if (nestsTooDeep(text)) return unreadable(file, tooDeep);
  try {
    return read(file, text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return unreadable(file, tooDeep);
  }
}

const tooDeep = mistake([], 'lists or maps nested too deep', 'the few levels that the configuration has');
const deepest = 100;

/**
 * Whether the text opens more levels than any configuration has. Asked before parsing: the parser takes minutes for
 * 20,000 brackets, and 2,000 dashes in a row end the whole process (yaml 2.9.1).
 */
function nestsTooDeep(text: string): boolean {
  if (/^ *(?:[-?:][ \t]+){100}|^ {400}/m.test(text)) return true;
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > deepest) return true;
  }
  return false;
}

function read(file: string, text: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, merge: true });
  const { aliases, impostors, merges, depth } = special(document);
  if (depth > deepest) return unreadable(file, tooDeep);
  if (aliases.length > mostAliases) {
    return unreadable(file, mistake([], `${aliases.length} aliases (*name)`, `at most ${mostAliases}`));
  }

  const source = new YamlSource(file, text, lines, document);
  const stumbles = [...document.errors, ...document.warnings];
  const faults = [
    ...syntaxProblems(source, document, stumbles.slice(0, mostFaults)),
    ...aliases.filter((alias) => !isKnown(alias, document)).map((alias) => problemAt(source, alias, unknownAnchor)),
    ...impostors.slice(0, mostFaults).map((key) => problemAt(source, key, impostor)),
    ...merges
      .filter(({ value }) => mergedMaps(value, document) === undefined)
      .slice(0, mostFaults)
      .map(({ key }) => problemAt(source, key, noMerge)),
  ];
  const isReadable = stumbles.length <= mostFaults && faults.every((problem) => problem.found === duplicateKey);
  return isReadable ? withValue(source, faults, document) : { source, problems: faults, content: undefined };
}

function withValue(source: YamlSource, problems: readonly ConfigProblem[], document: Document): Parsed {
  try {
    return { source, problems, content: { value: document.toJS() } };
  } catch (error) {
    // The library's guard against a text that grows without bound when its aliases are followed.
    if (!(error instanceof ReferenceError)) throw error;
    const bomb = mistake([], 'aliases (*name) of aliases, which multiply', 'a few plain ones at most');
    return { source, problems: [...problems, source.locate(bomb)], content: undefined };
  }
}

const duplicateKey = syntaxFinding('DUPLICATE_KEY').found;
const unknownAnchor = syntaxFinding('BAD_ALIAS');
const noMerge = mistake(
  [],
  'a merge key, <<, of something else than maps',
  'a map, an alias (*name) of one, or a list of these',
);
const impostor = mistake([], 'a key that means something to JavaScript', 'another name');

function syntaxProblems(
  source: YamlSource,
  { contents }: Document.Parsed,
  stumbles: readonly YAMLError[],
): ConfigProblem[] {
  const problems = stumbles.map(({ code, pos: [start, end] }) => {
    const deeper = deeperLine(source, stumbles, start);
    if (deeper !== undefined) return source.locateAt({ start: deeper, end }, tooDeepLine, 'above');
    const open = openAt(contents, start);
    return open === undefined
      ? source.locateAt({ start, end }, syntaxFinding(code))
      : source.locateAt({ start: open.start, end: open.start + 1 }, neverClosed);
  });
  // One mistake makes the parser stumble several times.
  return problems.filter((problem, index) => problems.findIndex((other) => other.line === problem.line) === index);
}

/** Where a line begins that goes on with a value which was complete: its key is taken for a part of the value. */
function deeperLine(source: YamlSource, stumbles: readonly YAMLError[], start: number): number | undefined {
  const key = stumbles.find(({ code, pos }) => code === 'MULTILINE_IMPLICIT_KEY' && pos[0] === start);
  if (key === undefined || !stumbles.some(({ code, pos }) => code === 'BLOCK_AS_IMPLICIT_KEY' && pos[0] === start))
    return undefined;
  return source.lastLineWithin({ start, end: key.pos[1] });
}

interface Special {
  readonly aliases: readonly Node[];
  readonly impostors: readonly Node[];
  readonly merges: readonly { readonly key: Node; readonly value: unknown }[];
  /** Levels of lists and maps. */
  readonly depth: number;
}

/** What the parser lets pass and we do not: aliases, to be looked up, keys that would vanish on the way, merges of what is no map, too many levels. */
function special(document: Document): Special {
  const aliases: Node[] = [];
  const impostors: Node[] = [];
  const merges: { key: Node; value: unknown }[] = [];
  let depth = 0;
  visit(document, {
    Collection: (_, __, path) => {
      depth = Math.max(depth, path.filter(isCollection).length + 1);
    },
    Alias: (_, alias) => {
      aliases.push(alias);
    },
    Pair: (_, { key, value }) => {
      if (isScalar(key) && key.value === '__proto__') impostors.push(key);
      if (isScalar(key) && isMergeKey(key)) merges.push({ key, value });
    },
  });
  return { aliases, impostors, merges, depth };
}

function isKnown(alias: Node, document: Document): boolean {
  return isAlias(alias) && alias.resolve(document) !== undefined;
}

function problemAt(source: YamlSource, node: Node, finding: ConfigFinding): ConfigProblem {
  return source.locateAt(rangeOf(node) ?? { start: 0, end: 0 }, finding);
}

/** A problem of the file as a whole. The text is not looked at again, and so not shown either. */
function unreadable(file: string, finding: ConfigFinding): Parsed {
  const source = new YamlSource(file, '', new LineCounter(), parseDocument(''));
  return { source, problems: [source.locate(finding)], content: undefined };
}
