import type { Path } from './finding.js';
import { hidesKey } from './secrecy.js';
import { printableValue } from './show.js';

/** A path as people write it: `services.k8s-apiserver.servers[0]`, `nodes["node.1"].address`. */
export function displayPath(path: Path): string {
  return path.map((segment, depth) => displaySegment(path.slice(0, depth + 1), segment)).join('');
}

function displaySegment(path: Path, segment: string | number): string {
  if (hidesKey(path)) return '.****';
  if (typeof segment === 'number') return `[${segment}]`;
  if (!/^[A-Za-z0-9_-]+$/.test(segment)) return `["${printableValue(segment)}"]`;
  return path.length === 1 ? segment : `.${segment}`;
}
