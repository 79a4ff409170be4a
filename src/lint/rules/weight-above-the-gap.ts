import { found, onElections, type Rule } from './rule.js';

export const weightAboveTheGap: Rule = {
  id: 'HA005',
  title: 'A weight is greater than the gap between the priorities',
  level: 'warning',
  reason:
    'A weight that only closes the gap makes a tie, and a tie keeps the holder; a smaller one does nothing at all.',
  source: 'RFC 5798, 6.4.3; docs/facts.md, "Giving the VIP away"',
  check: onElections(({ members }) =>
    members.flatMap((member) => {
      const { priority, trackers } = member.instance;
      const tieBreakers = member.node.host?.tieBreakers ?? [];
      const lower = members.map(({ instance }) => instance.priority.value).filter((value) => value < priority.value);
      const gap = priority.value - Math.max(...lower);
      return trackers
        .filter(({ weight }) => weight !== 0 && Math.abs(weight) <= gap && lower.length > 0)
        .filter(({ watcher }) => !tieBreakers.includes(watcher.program))
        .map(({ watcher, weight, line }) =>
          found(member, {
            line,
            message: `${watcher.name} has a weight of ${weight}, and the next priority is ${gap} below ${priority.value}`,
            fix: `Give ${watcher.name} weight 0, or a weight of more than ${gap}.`,
          }),
        );
    }),
  ),
};
