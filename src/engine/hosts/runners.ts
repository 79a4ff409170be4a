import type { Node } from '../../cluster/cluster.js';
import { asDeployError, type DeployError } from '../../errors/deploy-error.js';
import type { Runner } from '../../remote/runner.js';
import type { Run } from '../run/run.js';
import { tellWarning } from './all-or-first.js';

/** Where the connection to a node is to be had. */
export interface Connected {
  /** @throws RangeError without a connection to it */
  get(node: string): Runner;
}

/** A connection to every node of the cluster, or none. */
export class Runners implements Connected {
  readonly #runners: ReadonlyMap<string, Runner>;

  private constructor(runners: ReadonlyMap<string, Runner>) {
    this.#runners = runners;
  }

  /**
   * Connects to all nodes at once.
   * @param without whether to go on without those that cannot be reached, while there is one that can
   * @throws DeployError of the first node (in the order of the file) that could not be reached; the others are warnings
   */
  static async open(run: Run, without: 'none' | 'unreachable' = 'none'): Promise<Runners> {
    const attempts = await Promise.allSettled(run.cluster.nodes.map((node) => connect(run, node)));
    const opened = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
    const runners = new Runners(new Map(opened.map((runner) => [runner.node, runner])));
    const failures = attempts.flatMap((attempt, index) =>
      attempt.status === 'rejected' ? [asDeployError(attempt.reason).at({ node: run.cluster.nodes[index]?.name })] : [],
    );
    const [first, ...others] = failures;
    if (first === undefined) return runners;
    const isOnlyAway = failures.every(({ code }) => code === 'UNREACHABLE');
    if (without === 'unreachable' && opened.length > 0 && isOnlyAway) {
      tellUnreachable(run, failures, failures);
      return runners;
    }
    runners.close();
    tellUnreachable(run, failures, others);
    throw first;
  }

  has(node: string): boolean {
    return this.#runners.has(node);
  }

  get(node: string): Runner {
    return connectionTo(this.#runners, node);
  }

  close(): void {
    for (const runner of this.#runners.values()) runner.close();
  }
}

/** Connections to those nodes that can be reached, kept from use to use. */
export class KeptRunners implements Connected {
  readonly #runners = new Map<string, Runner>();

  /**
   * Connects where there is no connection, and does something with it; a connection with which that failed is given up.
   * @throws DeployError what connecting throws; what the task throws
   */
  async use<T>(run: Run, node: Node, task: (runner: Runner) => Promise<T>): Promise<T> {
    const runner = this.#runners.get(node.name) ?? (await connect(run, node));
    this.#runners.set(node.name, runner);
    try {
      return await task(runner);
    } catch (error) {
      this.#runners.delete(node.name);
      runner.close();
      throw error;
    }
  }

  get(node: string): Runner {
    return connectionTo(this.#runners, node);
  }

  close(): void {
    for (const runner of this.#runners.values()) runner.close();
    this.#runners.clear();
  }
}

function connectionTo(runners: ReadonlyMap<string, Runner>, node: string): Runner {
  const runner = runners.get(node);
  if (runner === undefined) throw new RangeError(`no connection to ${node}`);
  return runner;
}

async function connect(run: Run, node: Node): Promise<Runner> {
  const startedAt = run.clock.now();
  const runner = await run.connector.connect(node, run.signal, {
    connecting: (address) => run.journal.tell({ event: 'connecting', node: node.name, address }),
    waiting: (what) => run.journal.tell({ event: 'waiting', what: `${node.name}: ${what}` }),
  });
  run.journal.tell({ event: 'connected', node: node.name, durationMs: Math.round(run.clock.now() - startedAt) });
  return runner;
}

function tellUnreachable(run: Run, failures: readonly DeployError[], others: readonly DeployError[]): void {
  for (const { details } of failures) if (details.node !== undefined) run.journal.finished(details.node, 'unreachable');
  for (const other of others) tellWarning(run, other);
}
