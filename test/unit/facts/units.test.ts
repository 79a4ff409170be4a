import { expect, test } from 'vitest';
import { type UnitState, units } from '../../../src/facts/units.js';
import { captured, capturesOf, namesOf, printed } from './support.js';

const fact = units(['haproxy.service', 'keepalived.service']);

const running: UnitState = { load: 'loaded', active: 'active', enablement: 'enabled', needsDaemonReload: false };
const stopped: UnitState = { ...running, active: 'inactive' };
const unknown: UnitState = { load: 'not-found', active: 'inactive', enablement: '', needsDaemonReload: false };
const masked: UnitState = { ...stopped, load: 'masked', enablement: 'masked' };

/** HAProxy's state, then keepalived's. */
const table = [
  ['units/bookworm-bare', unknown, unknown],
  ['units/bookworm-running', running, running],
  ['units/bullseye-installed', running, stopped],
  ['units/bullseye-disabled', running, { ...stopped, enablement: 'disabled' }],
  ['units/bullseye-masked', running, { ...masked, needsDaemonReload: true }],
  ['units/bullseye-masked-runtime', running, { ...masked, enablement: 'masked-runtime', needsDaemonReload: true }],
  // Removed, not purged: Debian 11 leaves the unit masked.
  ['units/bullseye-removed', running, { ...masked, needsDaemonReload: true }],
  ['units/bullseye-killed', running, stopped],
  ['units/bullseye-failed', { ...running, active: 'failed' }, stopped],
  ['units/bullseye-changed-unit-file', { ...running, needsDaemonReload: true }, stopped],
  ['units/trixie-installed', running, stopped],
  ['units/trixie-disabled', running, { ...stopped, enablement: 'disabled' }],
  ['units/trixie-masked', running, masked],
  ['units/trixie-masked-runtime', running, { ...masked, enablement: 'masked-runtime' }],
  ['units/trixie-removed', running, unknown],
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

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('units').toSorted());
});

test('a host without systemd says nothing', () => {
  expect(fact.parse(printed('', 127))).toEqual(new Map());
});

test.each(['Id', 'LoadState', 'ActiveState', 'UnitFileState', 'NeedDaemonReload'])('%s may not be missing', (name) => {
  const { stdout } = captured('units/bookworm-running');
  const without = stdout.replace(new RegExp(`^${name}=.*\n`, 'm'), '');
  expect(() => fact.parse(printed(without))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});
