import { disagreement, onElections, type Rule, speaks } from './rule.js';

const fix = 'Write the same timers on every node.';

export const timersAgree: Rule = {
  id: 'HA015',
  title: 'All nodes count alike how long silence lasts',
  level: 'warning',
  reason:
    'Nodes with other timers take over sooner or later than each other, so an outage depends on who holds the VIP.',
  source: 'keepalived.conf(5), "advert_int", "down_timer_adverts"',
  check: onElections((election) => [
    // Version 2 drops adverts of another interval: an error of its own.
    ...(speaks(election, 3)
      ? disagreement(election, 'advert_int', fix, ({ advertIntervalMs: { value, line } }) => ({
          value: `${value / 1000} s`,
          line,
        }))
      : []),
    ...disagreement(election, 'down_timer_adverts', fix, ({ downTimerAdverts: { value, line } }) => ({
      value: `${value}`,
      line,
    })),
  ]),
};
