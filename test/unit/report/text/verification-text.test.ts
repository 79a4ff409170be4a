import { expect, test } from 'vitest';
import { styleOf } from '../../../../src/report/layout/style.js';
import { verificationText } from '../../../../src/report/text/verification-text.js';
import { healthy, split, withoutBackends } from '../streams.js';

test.each(Object.entries({ healthy, 'without-backends': withoutBackends, split }))(
  'of a cluster: %s',
  async (name, verification) => {
    const text = `${verificationText(verification, styleOf({ color: false }))}\n`;
    await expect(text).toMatchFileSnapshot(`fixtures/verification-${name}.txt`);
  },
);

test('of servers that HAProxy has not asked yet, and of those that nobody has counted', () => {
  const services = healthy.services.map((service) => ({ ...service, backends: { up: 3, total: 3, unchecked: 2 } }));
  const asked = { ...healthy, services };
  const say = (verification: typeof asked): string => verificationText(verification, styleOf({ color: false }));
  expect(say(asked)).toContain('answers, 3 of 3 backends up, 2 not asked yet');
  const unheld = { ...asked, vips: healthy.vips.map((vip) => ({ ...vip, holders: [] })) };
  expect(say(unheld)).not.toContain('backend');
});

test('of a service that is full, which is neither silent nor well', () => {
  const connections = { current: 200, limit: 200, limitedBy: 'haproxy.maxConnections', full: true };
  const services = healthy.services.map((service) => ({ ...service, connections, unreachableFrom: ['node-101'] }));
  const text = verificationText({ ...healthy, services }, styleOf({ color: false }));
  expect(text).toContain('full: 200 of 200 connections, 3 of 3 backends up');
  expect(text).not.toContain('answer');
});

test('of a VIP that nobody holds', () => {
  const vips = [{ address: '2001:db8::100', holders: [] }];
  expect(verificationText({ ...healthy, vips, services: [] }, styleOf({ color: false }))).toBe(
    '2001:db8::100  VIP  held by no node',
  );
});
