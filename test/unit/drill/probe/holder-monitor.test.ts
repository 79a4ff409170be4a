import { expect, test } from 'vitest';
import { Eyes } from '../../../../src/drill/probe/holder-monitor.js';
import { trial } from '../../engine/model/cluster.js';
import { convergedPair, ofKind } from '../../engine/support.js';

const vip = '192.168.8.100';

test('a node that drops its connection is seen again, with what has changed meanwhile', async () => {
  let watches = 0;
  const attempt = trial(convergedPair(), {
    'node-101': {
      onWatch: (_, line) => {
        watches += 1;
        for (const text of watches === 1 ? [`+ ${vip}`, '.'] : ['.']) line(text);
      },
      losesWatch: () => watches === 1,
    },
    'node-102': { onWatch: (_, line) => line('.') },
  });
  const eyes = await Eyes.open(attempt.run, vip);
  await expect
    .poll(() => eyes.changes.map(({ node, holds }) => [node, holds]))
    .toEqual([
      ['node-101', true],
      ['node-101', false],
    ]);
  eyes.close();
  expect(ofKind(attempt.events, 'warning')).toEqual([]);
  expect(attempt.fake.open()).toBe(0);
});
