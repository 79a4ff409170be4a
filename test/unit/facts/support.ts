import { readdirSync, readFileSync } from 'node:fs';
import { Observation } from '../../../src/facts/observation.js';
import type { QueryOutput } from '../../../src/remote/runner.js';

/** What real hosts answered: `<fact>/<distribution>-<case>.txt`, each the standard output of `fact.command` as root. */
const fixtures = new URL('../../fixtures/', import.meta.url);

export function captured(name: string, exitCode = 0): QueryOutput {
  return { exitCode, stdout: readFileSync(new URL(`${name}.txt`, fixtures), 'utf8') };
}

/** The names of everything that was captured for a fact. */
export function capturesOf(fact: string): readonly string[] {
  return readdirSync(new URL(fact, fixtures)).map((file) => `${fact}/${file.replace('.txt', '')}`);
}

/** A table that leaves a captured file out would not notice when it is no longer understood. */
export function namesOf(table: readonly (readonly [string, ...unknown[]])[]): readonly string[] {
  return table.map(([name]) => name).toSorted();
}

export function printed(stdout: string, exitCode = 0): QueryOutput {
  return { exitCode, stdout };
}

/** What the ledger of a host says on which nothing was ever done. */
export const bareLedger = '/proc/uptime:1000.00 2000.00\n';

/** A host that answers exactly these probes; any other is an error. */
export function hostWith(answers: Readonly<Record<string, string | QueryOutput>>, node = 'lb-1'): Observation {
  const outputs = Object.entries(answers).map(([id, answer]): [string, QueryOutput] => [
    id,
    typeof answer === 'string' ? printed(answer) : answer,
  ]);
  return new Observation(node, new Map(outputs));
}
