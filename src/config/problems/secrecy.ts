import { environmentName } from '../schema/secret.js';
import type { Path } from './finding.js';

/** Keys, and likely misspellings of them, below which a secret may have been written by mistake. */
const sensitive = /pas+|pwd|secret|token|credential/i;

/** Keys whose own text would be a secret where a map is expected: `auth: admin:…`. */
const sensitiveScalar = /^(auth|sudo)$/i;

const referenceKeys = new Set<unknown>(['env', 'file', 'command']);

/** Whether a scalar at `path` could be a secret, so that no message may show it. */
export function hidesValue(path: Path, value: unknown): boolean {
  const below = belowSensitive(path);
  if (below === undefined) return sensitiveScalar.test(path.findLast((segment) => typeof segment === 'string') ?? '');
  if (below.length !== 1 || !referenceKeys.has(below[0])) return true;
  return below[0] === 'env' && !(typeof value === 'string' && environmentName.test(value));
}

/** Whether the last key of `path` could be a secret itself, as in `password: { hunter2 }`. */
export function hidesKey(path: Path): boolean {
  const below = belowSensitive(path);
  return below !== undefined && below.length > 0 && !(below.length === 1 && referenceKeys.has(below[0]));
}

/** What follows the first sensitive key; nothing without one. Names that the operator chose do not count. */
function belowSensitive(path: Path): Path | undefined {
  const index = path.findIndex(
    (segment, depth) => typeof segment === 'string' && !isName(path, depth) && sensitive.test(segment),
  );
  return index === -1 ? undefined : path.slice(index + 1);
}

function isName(path: Path, depth: number): boolean {
  if (depth === 1) return path[0] === 'nodes' || path[0] === 'services';
  return depth === 3 && path[0] === 'services' && path[2] === 'servers';
}
