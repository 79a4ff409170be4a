import { expect, test } from 'vitest';
import { type UnitState, units } from '../../../../src/facts/host/units.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const fact = units(['haproxy.service', 'keepalived.service']);

/** Some time; which, is a test of its own. */
const changedAt = expect.any(Number) as number;

const running: UnitState = {
  load: 'loaded',
  active: 'active',
  enablement: 'enabled',
  needsDaemonReload: false,
  changedAt,
};
const stopped: UnitState = { ...running, active: 'inactive' };
const unknown: UnitState = {
  load: 'not-found',
  active: 'inactive',
  enablement: '',
  needsDaemonReload: false,
  changedAt: undefined,
};
const masked: UnitState = { ...stopped, load: 'masked', enablement: 'masked' };

/** HAProxy's state, then keepalived's. */
const table = [
  ['units/bookworm-bare', unknown, unknown],
  ['units/bookworm-running', running, running],
  ['units/bookworm-microseconds', running, running],
  ['units/bullseye-installed', running, stopped],
  ['units/bullseye-disabled', running, { ...stopped, enablement: 'disabled', changedAt: undefined }],
  ['units/bullseye-masked', running, masked],
  ['units/bullseye-masked-runtime', running, { ...masked, enablement: 'masked-runtime' }],
  // Removed, not purged: Debian 11 leaves the unit masked.
  ['units/bullseye-removed', running, masked],
  ['units/bullseye-killed', { ...running, active: 'activating' }, stopped],
  ['units/bullseye-failed', { ...running, active: 'failed' }, masked],
  ['units/bullseye-changed-unit-file', { ...running, needsDaemonReload: true }, stopped],
  ['units/trixie-installed', running, stopped],
  ['units/trixie-disabled', running, { ...stopped, enablement: 'disabled', changedAt: undefined }],
  ['units/trixie-masked', running, masked],
  ['units/trixie-masked-runtime', running, { ...masked, enablement: 'masked-runtime' }],
  ['units/trixie-removed', running, { ...unknown, changedAt }],
  ['units/trixie-killed', { ...running, active: 'activating' }, stopped],
  // Between two attempts of systemd's.
  ['units/trixie-failed', { ...running, active: 'activating' }, stopped],
  ['units/trixie-changed-unit-file', { ...running, needsDaemonReload: true }, stopped],
] as const;

test.each(table)('%s', (name, haproxy, keepalived) => {
  expect([...fact.parse(captured(name))]).toEqual([
    ['haproxy.service', haproxy],
    ['keepalived.service', keepalived],
  ]);
});

test('knows when a service started, in whichever form', () => {
  const at = (name: string) => fact.parse(captured(name)).get('haproxy.service')?.changedAt;
  expect(at('units/bookworm-running')).toBe(Date.UTC(2026, 10, 22, 18, 11, 52) / 1000);
  expect(at('units/bookworm-microseconds')).toBe(Date.UTC(2026, 10, 30, 10, 10, 20) / 1000 + 0.424478);
  expect(at('units/bookworm-bare')).toBeUndefined();
});

test.each(['today', 'Sun 2026-11-22 18:11:52.4 UTC', 'Sun 2026-11-22 18:11:52 CET', 'Sun 2026-13-22 18:11:52 UTC'])(
  '%j is no time',
  (text) => {
    const { stdout } = captured('units/bookworm-running');
    const changed = stdout.replace(/(?<=^StateChangeTimestamp=).*/m, text);
    expect(() => fact.parse(printed(changed))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  },
);

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('units').toSorted());
});

test('a host without systemd says nothing', () => {
  expect(fact.parse(printed('', 127))).toEqual(new Map());
});

test.each(['Id', 'LoadState', 'ActiveState', 'UnitFileState', 'NeedDaemonReload', 'StateChangeTimestamp'])(
  '%s may not be missing',
  (name) => {
    const { stdout } = captured('units/bookworm-running');
    const without = stdout.replace(new RegExp(`^${name}=.*\n`, 'm'), '');
    expect(() => fact.parse(printed(without))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  },
);

test('what is asked on the bus is exact', () => {
  const { stdout } = captured('units/bullseye-installed');
  const exact = 'Exact=haproxy.service 1796072193488004\n\nExact=keepalived.service 0\n';
  const found = fact.parse(printed(`${stdout.trimEnd()}\n\n${exact}`));
  expect([...found.values()].map((unit) => unit.changedAt)).toEqual([1_796_072_193.488_004, expect.any(Number)]);
});

test.each(['Exact=haproxy.service', 'Exact=haproxy.service soon'])('cannot read %j', (line) => {
  expect(() => fact.parse(printed(`${captured('units/bullseye-installed').stdout}\n\n${line}\n`))).toThrow(
    expect.objectContaining({ code: 'FACT_UNREADABLE' }),
  );
});
