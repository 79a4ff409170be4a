import type { Fact } from '../../facts/fact.js';
import { Shell } from '../../remote/shell.js';

/** Addresses, routes, rules and traffic control, one a line; what counts down by itself is left out. */
export const networkPortrait: Fact<readonly string[]> = {
  id: 'network',
  command: Shell.literal(`{
ip -o address show; ip -4 route show table all; ip -6 route show table all; ip -4 rule; ip -6 rule; tc qdisc show; ip -o link show
} | sed -e 's/ valid_lft .*//' -e 's/ expires [0-9]*sec//' -e 's/ hoplimit [0-9]*//'`),
  parse: ({ stdout }) => stdout.split('\n').filter(Boolean),
};

/** What was there before and is not now, and the other way round, but for what belongs to the VIPs: they come and go. */
export function differences(
  before: readonly string[],
  after: readonly string[],
  vips: readonly string[],
): readonly string[] {
  const isOfVip = (line: string) => line.split(/[\s/]+/).some((word) => vips.includes(word));
  const missing = before.filter((line) => !after.includes(line) && !isOfVip(line));
  const added = after.filter((line) => !before.includes(line) && !isOfVip(line));
  return [...missing.map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`)];
}
