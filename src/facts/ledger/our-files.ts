import { inPerl } from '../../remote/perl.js';
import type { Fact } from '../fact.js';

/**
 * The files on a host that match these patterns, as the shell means them.
 * @param patterns of paths that nobody but us writes to
 */
export function ourFiles(patterns: readonly string[]): Fact<readonly string[]> {
  return {
    id: `our-files:${patterns.join(',')}`,
    ...inPerl(String.raw`print map "$_\n", grep { -e || -l } map glob($_), @ARGV;`, patterns),
    parse: ({ stdout }) => stdout.split('\n').filter(Boolean),
  };
}
