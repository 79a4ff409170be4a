import type { Action, Change } from '../../resources/resource.js';
import { unifiedDiff } from './unified-diff.js';

/** A change as an operator is shown it. */
export interface PlannedChange {
  /** `<kind>:<id>`. */
  readonly resource: string;
  readonly action: Action;
  readonly summary: string;
  /** Unified diff, secrets replaced. */
  readonly diff?: string;
}

export function shown({
  resource,
  action,
  summary,
  text,
}: Pick<Change, 'resource' | 'action' | 'summary' | 'text'>): PlannedChange {
  const change = { resource, action, summary };
  if (text === undefined) return change;
  const [before, after] = [withoutIdentity(text.before), withoutIdentity(text.after)];
  if (before === after) return { ...change, summary: `${summary}; what differs is secret, or our own mark` };
  return { ...change, diff: unifiedDiff(resource, { before, after }) };
}

/** By what the running daemon can be told (`render/identity.ts`): another one in every change, and nothing that anybody wrote. */
function withoutIdentity(text: string): string {
  return text.replaceAll(/\bha-deploy:[0-9a-f]{12}(?:-[0-9a-f]{8})?\b/g, 'ha-deploy:…');
}
