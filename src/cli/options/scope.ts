import type { Scope } from '../../engine/prepare/scope.js';

/** Flags that say which nodes a command is about. */
export interface ScopeFlags {
  readonly limit?: readonly string[];
  readonly skipUnreachable?: boolean;
  readonly forget?: readonly string[];
}

/** Lists may be given as several words, or as one with commas. */
export function scopeOf({ limit, skipUnreachable, forget }: ScopeFlags): Scope {
  const names = (list: readonly string[] | undefined) => list?.flatMap((word) => word.split(',')).filter(Boolean);
  return { limit: names(limit), skipUnreachable, forget: names(forget) };
}
