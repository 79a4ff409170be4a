import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where `test/run.sh` wants the machine-readable results; unset when a person runs the tests. */
const report = process.env['HA_DEPLOY_TEST_REPORT'];

/** Files in the order of their names: the first e2e test finds bare hosts, and those after it what it made of them. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const name = ({ project, moduleId }: TestSpecification) => `${project.name} ${moduleId}`;
    return files.toSorted((one, other) => name(one).localeCompare(name(other)));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: ByName },
    teardownTimeout: 60_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
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
