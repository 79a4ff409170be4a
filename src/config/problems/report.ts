import type { ConfigProblem, Excerpt } from './finding.js';

/** Problems as a person reads them, each with its place, its line and what to do; see `examples` in the tests. */
export function report(problems: readonly ConfigProblem[]): string {
  return [summary(problems), ...problems.map(paragraph)].join('\n\n');
}

function summary(problems: readonly ConfigProblem[]): string {
  const files = [...new Set(problems.map((problem) => problem.file))].join(', ');
  const kinds = (['error', 'warning'] as const)
    .map((severity) => ({ severity, count: problems.filter((problem) => problem.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}${count === 1 ? '' : 's'}`);
  return `${files}: ${kinds.join(', ')}`;
}

function paragraph(problem: ConfigProblem): string {
  const label = problem.severity === 'warning' ? 'warning: ' : '';
  return [
    `${problem.file}:${problem.line}:${problem.column}  ${label}${problem.path}`.trimEnd(),
    `  found     ${problem.found}`,
    `  expected  ${problem.expected}`,
    ...(problem.fix === undefined ? [] : [`  fix       ${problem.fix}`]),
    ...(problem.excerpt === undefined ? [] : ['', ...marked(problem.line, problem.excerpt)]),
  ].join('\n');
}

function marked(line: number, { text, start, length }: Excerpt): string[] {
  const margin = `  ${line} | `;
  const gutter = `${' '.repeat(margin.length - 2)}| `;
  return [margin + text, gutter + ' '.repeat(start) + '^'.repeat(Math.max(1, length))];
}
