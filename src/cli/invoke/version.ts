import { readFileSync } from 'node:fs';

/** As package.json has it, which stands beside the folder of the built program. */
export function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return /"version": "(.*)"/.exec(text)?.[1] ?? 'unknown';
}
