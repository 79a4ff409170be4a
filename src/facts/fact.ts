import { DeployError } from '../errors/deploy-error.js';
import type { Query, QueryOutput } from '../remote/runner.js';

/**
 * Something true of a host: the command that asks, which leaves nothing behind, and a pure parser of what it prints.
 * What a host prints is hostile: a parser accepts exactly what it knows and calls {@link unreadable} for the rest.
 */
export interface Fact<T> extends Query {
  parse(output: QueryOutput): T;
  /** What it prints may be secret, and is shown to nobody, not even when it cannot be parsed. */
  readonly confidential?: boolean;
}

/** Thrown by parsers; `observation.ts` adds the node and the command. */
export function unreadable(what: string): DeployError {
  return new DeployError('FACT_UNREADABLE', what);
}
