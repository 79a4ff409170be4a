import { createTwoFilesPatch } from 'diff';

/** Above this many differing lines the diff would take seconds and be read by nobody. */
const longest = 2000;

/** A unified diff of a file's text before and after. */
export function unifiedDiff(resource: string, { before, after }: { before: string; after: string }): string {
  const name = resource.slice(resource.indexOf(':') + 1);
  const patch: string | undefined = createTwoFilesPatch(name, name, before, after, undefined, undefined, {
    context: 3,
    maxEditLength: longest,
    headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
  });
  return patch ?? `--- ${name}\n+++ ${name}\n(too different to show line by line)\n`;
}
