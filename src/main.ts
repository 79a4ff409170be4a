#!/usr/bin/env node
import { version } from './cli/invoke/version.js';

// A reader that has seen enough (`| head`) does not end a run half-way.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

/** Answers `--version` before anything is loaded; all else is the program's. */
const [argument, ...more] = process.argv.slice(2);
if ((argument === '--version' || argument === '-V') && more.length === 0) {
  process.stdout.write(`${version()}\n`);
} else {
  // A defect of ours would end the process as node ends one.
  runCommand().catch((error: unknown) => process.nextTick(raise, error));
}

async function runCommand(): Promise<void> {
  // Where nothing is left to wait for, and nothing was said, the run has not ended well.
  process.exitCode = 1;
  const { runProgram } = await import('./cli/program.js');
  process.exitCode = await runProgram(process.argv.slice(2));
}

function raise(error: unknown): never {
  throw error;
}
