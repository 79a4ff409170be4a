import { statSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where `test/run.sh` wants the machine-readable results; unset when a person runs the tests. */
const report = process.env['HA_DEPLOY_TEST_REPORT'];

/**
 * Files of e2e tests in the order of their names: the first finds bare hosts, and those after it what it made of them. Of unit tests
 * the largest first, which are the longest too, so that no worker is left with one of them at the end.
 */
class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const unit = files.filter(({ project }) => project.name === 'unit');
    const e2e = files.filter((file) => !unit.includes(file));
    const largestFirst = unit.toSorted((one, other) => statSync(other.moduleId).size - statSync(one.moduleId).size);
    return [...largestFirst, ...e2e.toSorted((one, other) => one.moduleId.localeCompare(other.moduleId))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: InOrder },
    // What TypeScript became is kept from run to run, by its contents.
    experimental: { fsModuleCache: true },
    teardownTimeout: 60_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: 'test/support/thoroughness.ts',
          restoreMocks: true,
          // Everything under test is without state of its own; loading it once takes half the time.
          isolate: false,
          // Nobody else is at work while they run; by default one core is left for that.
          maxWorkers: '100%',
          // No test is a stopwatch: a busy machine is no failure.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'scripts',
          include: ['test/scripts/**/*.test.ts'],
          restoreMocks: true,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/support/e2e-setup.ts',
          restoreMocks: true,
          // One lab, one set of addresses: one file at a time.
          fileParallelism: false,
          isolate: false,
          // No test is a stopwatch: on a busy machine an installation takes minutes.
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
