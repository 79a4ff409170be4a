/** Prints the closing line of `test/run.sh`, `N passed, N failed`, from the reports of its stages, and fails if any did. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of Vitest's JSON report that is read here. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** A stage that failed without a failed test counts as one: a check, a file that does not load, an error between tests. */
function countStage(folder: string, stage: string): Count {
  const exitCode = Number(readFileSync(join(folder, `${stage}.exit`), 'utf8'));
  const path = join(folder, `${stage}.json`);
  const report = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Report) : undefined;
  const failed = report?.numFailedTests ?? 0;
  return {
    passed: report?.numPassedTests ?? 0,
    failed: exitCode !== 0 && failed === 0 ? 1 : failed,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}

const folder = process.argv[2] ?? '.';
const total: Count = { passed: 0, failed: 0, skipped: 0 };
for (const file of readdirSync(folder).filter((name) => name.endsWith('.exit'))) {
  const stage = file.replace(/\.exit$/, '');
  const count = countStage(folder, stage);
  if (count.failed > 0) console.log(`${stage}: failed`);
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
}

const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`;
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 ? 0 : 1;
