import { expect, test } from 'vitest';
import { daemons } from '../../../../src/facts/host/daemons.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const stopped = { active: false, uptime: undefined };

const table = [
  ['daemons/bullseye-running', { haproxy: running(644), keepalived: running(634), keepalivedVersion: '2.1.5' }],
  ['daemons/bullseye-stopped', { haproxy: stopped, keepalived: running(657), keepalivedVersion: '2.1.5' }],
  ['daemons/bookworm-running', { haproxy: running(299), keepalived: running(278), keepalivedVersion: '2.2.7' }],
  ['daemons/bookworm-stopped', { haproxy: stopped, keepalived: running(218), keepalivedVersion: '2.2.7' }],
  ['daemons/trixie-running', { haproxy: running(45), keepalived: running(39), keepalivedVersion: '2.3.3' }],
  ['daemons/trixie-stopped', { haproxy: stopped, keepalived: running(38), keepalivedVersion: '2.3.3' }],
] as const;

function running(uptime: number) {
  return { active: true, uptime };
}

test.each(table)('%s', (name, expected) => {
  expect(daemons.parse(captured(name))).toEqual(expected);
});

test('every capture is tested', () => {
  expect(namesOf(table)).toEqual(capturesOf('daemons').toSorted());
});

const { stdout } = captured('daemons/bullseye-running');

test('a host that never had keepalived tells no version', () => {
  const bare = stdout.replace(/^keepalived .*\n/m, '');
  expect(daemons.parse(printed(bare, 1)).keepalivedVersion).toBeUndefined();
});

test('a clock that was set back makes no negative time', () => {
  expect(daemons.parse(printed(stdout.replace(/^\d+/, '5'))).haproxy.uptime).toBe(0);
});

test.each([
  ['no time', stdout.replace(/^\d+\n/, '')],
  ['no unit', stdout.replace('Id=keepalived.service', 'Id=other.service')],
  ['no state', stdout.replaceAll(/^ActiveState=.*\n/gm, '')],
  ['a start that is no time', stdout.replaceAll(/ 2026-\d\d-\d\d /g, ' yesterday ')],
])('cannot read %s', (_, text) => {
  expect(() => daemons.parse(printed(text))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});
