import { expect } from 'vitest';

/** One line of `--json`. Each kind of event has fields of its own; these are the ones that tests look at. */
export interface RunEvent {
  readonly event: string;
  readonly node?: string;
  readonly message?: string;
  readonly index?: number;
  readonly line?: string;
  readonly ok?: boolean;
  readonly durationMs?: number;
}

export interface Change {
  readonly resource: string;
  readonly action: string;
  readonly summary: string;
  readonly diff?: string;
}

/** The last line of `--json`: what the contract promises to scripts. */
export interface Result {
  readonly event: 'result';
  readonly command: string;
  readonly ok: boolean;
  readonly exitCode: number;
  readonly durationMs: number;
  readonly error?: RunError;
  readonly changed?: number;
  readonly nodes?: Readonly<Record<string, { readonly outcome: string; readonly changes: readonly Change[] }>>;
  readonly reverted?: Readonly<Record<string, readonly string[]>>;
  readonly vips?: readonly { readonly address: string; readonly holders: readonly string[] }[];
  readonly services?: readonly {
    readonly name: string;
    readonly address: string;
    readonly reachable: boolean | null;
    readonly backends: { readonly up: number; readonly total: number };
    /** Of `status`. */
    readonly servers?: readonly { readonly name: string; readonly status: string }[];
  }[];
  readonly faults?: readonly FaultResult[];
  /** Of `status`. */
  readonly warnings?: readonly string[];
  readonly generations?: readonly { readonly id: number; readonly current: boolean }[];
}

/** How a drill's fault was felt. */
export interface FaultResult {
  readonly fault: string;
  readonly from: string;
  readonly to: string | null;
  readonly outageMs: number | null;
  readonly probes: number;
  readonly failedProbes: number;
  readonly passed: boolean;
  readonly budgetMs: number;
}

export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly node?: string;
  readonly resource?: string;
  readonly output?: string;
  readonly hint?: string;
}

/** How a run of the program ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a run with `--json` ended. */
export interface Run extends Ended {
  readonly events: readonly RunEvent[];
  readonly result: Result;
}

const outcomes = /^(unchanged|changed|failed|reverted|skipped|unreachable)$/;
const actions = /^(create|update|remove|start|stop|enable|reload|restart|move)$/;

/** Reads what a run with `--json` printed, and sees that it keeps to the contract, whatever came of the run. */
export function understood(command: string, ended: Ended): Run {
  const events = ended.stdout.split('\n').slice(0, -1).map(parseLine);
  expect(ended.stdout, 'ends with a whole line').toMatch(/\n$/);
  expect(new Set(events.map(({ cluster }) => cluster)).size, 'one cluster').toBe(1);
  expect(new Set(events.map(({ runId }) => runId)).size, 'one runId').toBe(1);
  const results = events.filter(({ event }) => event === 'result');
  expect(results, 'one result, as the last event').toEqual([events.at(-1)]);
  const result = results[0] as unknown as Result;
  expectResult(command, result, ended);
  return { ...ended, events: events as unknown as RunEvent[], result };
}

function parseLine(line: string): Record<string, unknown> {
  const event = JSON.parse(line) as Record<string, unknown>;
  expect(event).toMatchObject({
    schema: 1,
    event: expect.any(String),
    cluster: expect.any(String),
    runId: expect.any(String),
  });
  expect(new Date(String(event['time'])).toISOString(), 'time').toBe(event['time']);
  return event;
}

function expectResult(command: string, result: Result, { exitCode }: Ended): void {
  expect(result).toMatchObject({
    command,
    exitCode,
    ok: exitCode === 0 || exitCode === 2,
    durationMs: expect.any(Number),
  });
  if (result.ok) expect(result).not.toHaveProperty('error');
  else
    expect(result.error).toMatchObject({
      code: expect.stringMatching(/^[A-Z_]+$/),
      message: expect.stringMatching(/./),
    });
  if (command === 'plan' || command === 'up') expectChanges(result);
  for (const vip of result.vips ?? []) expect(vip).toEqual({ address: expect.any(String), holders: expect.any(Array) });
  for (const service of result.services ?? []) {
    expect([true, false, null]).toContain(service.reachable);
    expect(service).toMatchObject({
      name: expect.any(String),
      address: expect.stringMatching(/:\d+$/),
      backends: { up: expect.any(Number), total: expect.any(Number) },
    });
  }
}

function expectChanges({ changed, nodes = {} }: Result): void {
  for (const { outcome, changes } of Object.values(nodes)) {
    expect(outcome).toMatch(outcomes);
    for (const change of changes) {
      expect(change.resource).toMatch(/^[a-z]+:\S+$/);
      expect(change.action).toMatch(actions);
      expect(change.summary).toMatch(/./);
    }
  }
  const resources = Object.entries(nodes).flatMap(([node, { changes }]) =>
    changes.map(({ resource }) => `${node} ${resource}`),
  );
  expect(changed, 'changed counts resources').toBe(new Set(resources).size);
}

/** For people, an error is a message; where in the program it came from is for `--verbose` only. */
export function expectNoStackTrace({ stdout, stderr }: Ended): void {
  expect(`${stdout}${stderr}`).not.toMatch(/^\s*at .+:\d+:\d+\)?$/m);
  expect(`${stdout}${stderr}`).not.toMatch(/node:internal|dist\/[\w-]+\.cjs/);
}
