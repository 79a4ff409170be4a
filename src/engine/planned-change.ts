import type { Action, Change } from '../resources/resource.js';
import { unifiedDiff } from './diff.js';

/** A change as an operator is shown it. */
export interface PlannedChange {
  /** `<kind>:<id>`. */
  readonly resource: string;
  readonly action: Action;
  readonly summary: string;
  /** Unified diff, secrets replaced. */
  readonly diff?: string;
}

export function shown({ resource, action, summary, text }: Change): PlannedChange {
  const change = { resource, action, summary };
  return text === undefined ? change : { ...change, diff: unifiedDiff(resource, text) };
}
