import type * as z from 'zod';
import type { ConfigFinding, Path } from '../problems/finding.js';
import { findingsOf } from '../problems/from-zod.js';
import { type ClusterInput, clusterSchema } from '../schema/cluster.js';
import { type NodeEntry, nodeEntries } from './nodes.js';
import { type VipEntry, vipEntries } from './vips.js';

/** The sections that the schema accepted. */
type Sections = { readonly [Key in keyof ClusterInput]?: ClusterInput[Key] | undefined };

/**
 * What could be made of a file. Sections that the schema refused are left out, so that what concerns several sections
 * can still be checked for the others, and all mistakes are told at once.
 */
export interface Draft {
  readonly findings: readonly ConfigFinding[];
  /** The whole input; only when the schema accepted all of it. */
  readonly input: ClusterInput | undefined;
  readonly sections: Sections;
  /** Nothing when the section was refused. */
  readonly vips: readonly VipEntry[] | undefined;
  /** The nodes that the schema accepted. */
  readonly nodes: readonly NodeEntry[];
  /** Of all nodes, accepted or not. */
  readonly nodeNames: readonly string[];
}

/** Nobody reads more of them, and comparing all of a large file's would take minutes. */
const mostIssues = 200;

/** A file is read once: to compile the schema first, as zod does, takes longer than to walk it. */
const once = { jitless: true } as const;

export function readDraft(content: unknown): Draft {
  const value = withoutNotes(content);
  const result = clusterSchema.safeParse(value, once);
  const sections = result.success ? result.data : acceptedSections(value, result.error.issues);
  return {
    findings: result.success
      ? []
      : findingsOf(result.error.issues.slice(0, mostIssues), value, []).slice(0, mostIssues),
    input: result.data,
    sections,
    vips: sections.vip === undefined ? undefined : vipEntries(sections.vip),
    nodes: nodeEntries(sections.nodes ?? {}),
    nodeNames: isRecord(value) && isRecord(value['nodes']) ? Object.keys(value['nodes']) : [],
  };
}

/** Top-level keys that begin with `x-` are the operator's own: a place for anchors. */
function withoutNotes(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));
}

/** Built when a file is refused: not every run needs it. */
let partialSchema: ReturnType<typeof clusterSchema.partial> | undefined;

/** Sections whose entries stand on their own: one that is refused leaves the others. */
const mapsOfEntries = new Set(['nodes', 'services']);

function acceptedSections(value: unknown, issues: readonly z.core.$ZodIssue[]): Sections {
  if (!isRecord(value)) return {};
  const refused = issues.map((issue) => issue.path.map(String));
  const kept = Object.entries(value).flatMap(([key, section]): [string, unknown][] => {
    const inSection = refused.filter((path) => path[0] === key);
    if (inSection.length === 0) return [[key, section]];
    if (!mapsOfEntries.has(key) || !isRecord(section)) return [];
    const left = Object.entries(section).filter(([name]) => !inSection.some((path) => path[1] === name));
    return [[key, Object.fromEntries(left)]];
  });
  return parsedSections(Object.fromEntries(kept));
}

function parsedSections(value: Record<string, unknown>): Sections {
  partialSchema ??= clusterSchema.partial();
  const result = partialSchema.safeParse(value, once);
  if (result.success) return result.data;
  // What is left was accepted before; what is not accepted now concerns a section as a whole, such as no entry left.
  const refused = new Set<unknown>(result.error.issues.map((issue) => issue.path[0] ?? ''));
  const left = Object.entries(value).filter(([key]) => key in clusterSchema.shape && !refused.has(key));
  return partialSchema.safeParse(Object.fromEntries(left), once).data ?? {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The path of an entry of `services`. */
export function servicePath(name: string, ...rest: Path): Path {
  return ['services', name, ...rest];
}
