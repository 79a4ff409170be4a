import { afterEach, expect, test, vi } from 'vitest';

const answers = vi.hoisted(() => ({ runProgram: vi.fn<(argv: readonly string[]) => Promise<number>>() }));
vi.mock('../../src/cli/program.js', () => answers);

const { argv, exitCode } = process;

afterEach(() => {
  process.argv = argv;
  process.exitCode = exitCode;
  vi.resetModules();
});

/** The exit code that the process would end with. */
async function started(...words: readonly string[]): Promise<() => unknown> {
  process.argv = ['node', 'ha-deploy', ...words];
  await import('../../src/main.js');
  await vi.waitFor(() => expect(answers.runProgram).toHaveBeenCalledWith(words));
  return () => process.exitCode;
}

test('ends with the exit code of the program', async () => {
  answers.runProgram.mockResolvedValue(5);
  const ended = await started('verify');
  await vi.waitFor(() => expect(ended()).toBe(5));
});

test('does not end well where the program never ends, and nothing is left to wait for', async () => {
  answers.runProgram.mockReturnValue(new Promise(() => undefined));
  expect((await started('up'))()).toBe(1);
});
