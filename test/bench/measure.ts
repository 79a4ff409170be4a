import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Contest {
  /** What the other is measured against. */
  readonly floor: Command;
  readonly contender: Command;
  readonly rounds: number;
}

export type Command = () => Promise<void>;

/** Milliseconds, medians. */
export interface Outcome {
  readonly floor: number;
  readonly contender: number;
  readonly ratio: number;
}

/** Runs both by turns, so that whatever else the machine does falls on both; the first round warms up and does not count. */
export async function measure({ floor, contender, rounds }: Contest): Promise<Outcome> {
  const times = { floor: [] as number[], contender: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const [one, other] = [await timed(floor), await timed(contender)];
    if (round === 0 && rounds > 1) continue;
    times.floor.push(one);
    times.contender.push(other);
    if (rounds === 1) break;
  }
  const [low, high] = [median(times.floor), median(times.contender)];
  return { floor: low, contender: high, ratio: high / low };
}

/** Runs a program to its end. @throws Error when it fails */
export async function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`\`${program} ${args.join(' ')}\` exited with ${code}`);
}

async function timed(command: Command): Promise<number> {
  const startedAt = performance.now();
  await command();
  return performance.now() - startedAt;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
