import { disagreement, onElections, type Rule, speaks } from './rule.js';

export const version2IntervalsAgree: Rule = {
  id: 'HA014',
  title: 'With version 2 all nodes send adverts at one interval',
  level: 'error',
  reason: 'Version 2 drops adverts of another interval: there are two holders.',
  source: 'RFC 3768, 7.1',
  check: onElections((election) =>
    speaks(election, 2)
      ? disagreement(
          election,
          'advert_int',
          'Write the same advert_int on every node.',
          ({ advertIntervalMs: { value, line } }) => ({ value: `${value / 1000} s`, line }),
        )
      : [],
  ),
};
