import { writeFile } from 'node:fs/promises';
import type { Played } from './play.js';
import { relative } from './recorder.js';
import type { TraceEvent } from './trace.js';
import { told } from './trace.js';
import type { Violation } from './violation.js';

/** Milliseconds of a trace that are shown around the beginning and the end of a violation. */
export const around = 4000;

/** What all sequences together came to. */
export class Tally {
  readonly #played: Played[] = [];

  add(played: Played): void {
    this.#played.push(played);
  }

  get sequences(): number {
    return this.#played.length;
  }

  get failed(): number {
    return this.#played.filter(({ violations }) => violations.length > 0).length;
  }

  /** The last lines: what was done, and what came of it. */
  lines(seed: number): string[] {
    const faults = counted(this.#played.flatMap(({ struck }) => [...struck]));
    const violations = counted(
      this.#played.flatMap((played) => played.violations.map(({ rule }) => [rule, 1] as const)),
    );
    const sum = (of: (played: Played) => number): number =>
      this.#played.reduce((total, played) => total + of(played), 0);
    return [
      `faults: ${faults || 'none'}; ${sum(({ missed }) => missed)} came too late or met another`,
      `longest stall of the machine: ${Math.round(Math.max(0, ...this.#played.map(({ longestStallMs }) => longestStallMs)))} ms`,
      `violations: ${violations || 'none'}`,
      `torture: seed ${seed}; sequences: ${this.sequences}, runs: ${sum(({ runs }) => runs)}, sequences with violations: ${this.failed}`,
    ];
  }

  /** As Vitest reports tests, a sequence for each, for `test/summary.ts`. */
  async write(path: string): Promise<void> {
    const counts = {
      numPassedTests: this.sequences - this.failed,
      numFailedTests: this.failed,
      numPendingTests: 0,
      numTodoTests: 0,
    };
    await writeFile(path, JSON.stringify(counts));
  }
}

/** A violation, with what happened around it. */
export function violationLines(
  { rule, what, from, to }: Violation,
  trace: readonly TraceEvent[],
  startedAt: number,
): string[] {
  const isNear = (at: number): boolean => [from, to].some((end) => Math.abs(at - end) <= around);
  const near = trace.filter(({ at, kind }) => kind !== 'advert' && isNear(at));
  return [
    `VIOLATION ${rule}, ${relative(from - startedAt).trim()} to ${relative(to - startedAt).trim()}: ${what}`,
    ...near.map((event) => `  ! ${relative(event.at - startedAt)}  ${told(event)}`),
    ...heardLines(trace, from - around, to + around),
  ];
}

/** Who heard how many adverts of whom. */
function heardLines(trace: readonly TraceEvent[], from: number, to: number): string[] {
  const heard = counted(
    trace.flatMap((event) =>
      event.kind === 'advert' && event.at >= from && event.at <= to
        ? [
            [
              `${event.node} of ${event.from} with router id ${event.routerId} and priority ${event.priority}`,
              1,
            ] as const,
          ]
        : [],
    ),
  );
  return [`  ! adverts heard meanwhile: ${heard || 'none'}`];
}

/** `kill 3, stop 1`, the most frequent first. */
function counted(items: readonly (readonly [string, number])[]): string {
  const counts = new Map<string, number>();
  for (const [name, count] of items) counts.set(name, (counts.get(name) ?? 0) + count);
  const sorted = [...counts].toSorted(([, one], [, other]) => other - one);
  return sorted.map(([name, count]) => `${name} ${count}`).join(', ');
}
