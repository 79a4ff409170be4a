#!/usr/bin/env node
import { readFileSync } from 'node:fs';

// A reader that has seen enough (`| head`) does not end a run half-way.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

/** Answers `--version` before anything is loaded; all else is the program's. */
const [argument, ...more] = process.argv.slice(2);
if ((argument === '--version' || argument === '-V') && more.length === 0) {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  process.stdout.write(`${/"version": "(.*)"/.exec(text)?.[1] ?? 'unknown'}\n`);
} else {
  const { runProgram } = await import('./cli/program.js');
  process.exitCode = await runProgram(process.argv.slice(2));
}
