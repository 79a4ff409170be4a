import { asDeployError, DeployError } from '../errors/deploy-error.js';
import type { QueryOutput } from '../remote/runner.js';
import type { Fact } from './fact.js';

/** What one node answered, once; facts are parsed when they are first asked for. */
export class Observation {
  readonly node: string;
  readonly #outputs: Pick<ReadonlyMap<string, QueryOutput>, 'get'>;
  readonly #parsed = new Map<string, unknown>();

  constructor(node: string, outputs: Pick<ReadonlyMap<string, QueryOutput>, 'get'>) {
    this.node = node;
    this.#outputs = outputs;
  }

  /** @throws DeployError FACT_UNREADABLE when the host printed something that the fact's parser does not know; NO_SPACE */
  get<T>(fact: Fact<T>): T {
    // One id is one kind of fact, so what was kept under it has the type that its parser gives.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    if (this.#parsed.has(fact.id)) return this.#parsed.get(fact.id) as T;
    const value = this.#parse(fact);
    this.#parsed.set(fact.id, value);
    return value;
  }

  #parse<T>(fact: Fact<T>): T {
    const output = this.#outputs.get(fact.id);
    if (output === undefined) throw new Error(`fact ${fact.id} was not gathered from ${this.node}`);
    try {
      return fact.parse(output);
    } catch (thrown) {
      const error = asDeployError(thrown);
      // What is wrong with the host, and not with its answer.
      if (error.code === 'NO_SPACE') throw error.at({ node: this.node });
      throw new DeployError('FACT_UNREADABLE', `cannot read the fact "${fact.id}": ${error.message}`, {
        node: this.node,
        command: fact.command.redacted,
        ...(fact.confidential !== true && { output: output.stdout.slice(0, 2000) }),
        cause: thrown,
      });
    }
  }
}
