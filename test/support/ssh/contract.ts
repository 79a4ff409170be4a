import { describe, expect, it } from 'vitest';
import type { Runner, StepListener, StepResult } from '../../../src/remote/runner.js';
import { sh } from '../../../src/remote/shell.js';

/** What a runner must do that is asked for, whatever is behind it. */
export interface ContractHost {
  runner(): Promise<Runner>;
  /** The connection goes away. Told from within a step, which must not end before. */
  lose(): void;
}

/** Probes and steps that every host of the contract can answer: real ones run them, fake ones are told of them. */
export const contractProbes = [
  { id: 'greeting', command: sh`echo hello`, answer: { exitCode: 0, stdout: 'hello\n' } },
  { id: 'missing', command: sh`echo some; exit 3`, answer: { exitCode: 3, stdout: 'some\n' } },
] as const;

export const contractSteps = {
  succeed: { step: { script: sh`echo one; echo two >&2` }, exitCode: 0, output: 'one\ntwo' },
  silent: { step: { script: sh`true` }, exitCode: 0, output: '' },
  fail: { step: { script: sh`echo broken; exit 4` }, exitCode: 4, output: 'broken' },
  /** Prints, and is under way for as long as any test takes. */
  endless: { step: { script: sh`echo waiting; exec sleep 60` }, output: 'waiting' },
} as const;

export type Told =
  | readonly ['started', number]
  | readonly ['printed', number, string]
  | readonly ['finished', number, number];

/** Notes what it is told, and calls `after` each time. */
export function recorder(
  after: (told: Told) => void = () => undefined,
): StepListener & { readonly told: readonly Told[] } {
  const told: Told[] = [];
  const note = (event: Told): void => {
    told.push(event);
    after(event);
  };
  return {
    told,
    started: (index) => note(['started', index]),
    printed: (index, line) => note(['printed', index, line]),
    finished: (index, { exitCode }) => note(['finished', index, exitCode]),
  };
}

/** The assertions that the real runner and the fake one have in common. */
export function runnerContract(name: string, host: ContractHost): void {
  const never = new AbortController().signal;
  const { succeed, silent, fail, endless } = contractSteps;
  const outcome = ({ exitCode, output }: StepResult): object => ({ exitCode, output });

  describe(`the contract of a runner: ${name}`, () => {
    it('answers every probe, one that fails too', async () => {
      const runner = await host.runner();
      const answers = await runner.observe(contractProbes, never);
      expect([...answers]).toEqual(contractProbes.map(({ id, answer }) => [id, answer]));
      expect([...(await runner.observe([], never))]).toEqual([]);
    });

    it('performs steps in order, tells of each, and stops after the first that fails', async () => {
      const progress = recorder();
      const runner = await host.runner();
      const results = await runner.perform([succeed.step, silent.step, fail.step, succeed.step], progress, never);
      expect(results.map(outcome)).toEqual(
        [succeed, silent, fail].map(({ exitCode, output }) => ({ exitCode, output })),
      );
      expect(progress.told).toEqual([
        ['started', 0],
        ['printed', 0, 'one'],
        ['printed', 0, 'two'],
        ['finished', 0, 0],
        ['started', 1],
        ['finished', 1, 0],
        ['started', 2],
        ['printed', 2, 'broken'],
        ['finished', 2, 4],
      ]);
    });

    it('performs nothing where nothing is asked, or the run was interrupted before', async () => {
      const runner = await host.runner();
      expect(await runner.perform([], recorder(), never)).toEqual([]);
      expect(await runner.perform([succeed.step], recorder(), AbortSignal.abort())).toEqual([]);
    });

    it('observes nothing for a run that was interrupted', async () => {
      const runner = await host.runner();
      await expect(runner.observe(contractProbes, AbortSignal.abort())).rejects.toMatchObject({
        code: 'INTERRUPTED',
        details: { node: runner.node },
      });
    });

    it('says that the connection was lost, and goes on saying so', async () => {
      const runner = await host.runner();
      const lost = { code: 'CONNECTION_LOST', details: { node: runner.node } };
      const progress = recorder(([kind]) => (kind === 'printed' ? host.lose() : undefined));
      await expect(runner.perform([endless.step, succeed.step], progress, never)).rejects.toMatchObject(lost);
      expect(progress.told).toEqual([
        ['started', 0],
        ['printed', 0, 'waiting'],
      ]);
      await expect(runner.observe(contractProbes, never)).rejects.toMatchObject(lost);
      await expect(runner.perform([succeed.step], recorder(), never)).rejects.toMatchObject(lost);
    });
  });
}
