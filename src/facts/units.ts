import { sh } from '../remote/shell.js';
import { type Fact, unreadable } from './fact.js';

export interface UnitState {
  /** `loaded`, `not-found`, `masked` … */
  readonly load: string;
  /** `active`, `inactive`, `failed`, `activating` … */
  readonly active: string;
  /** `enabled`, `disabled`, `masked`, `masked-runtime`, or empty when the unit does not exist */
  readonly enablement: string;
  /** A unit file changed since systemd read it. */
  readonly needsDaemonReload: boolean;
}

const properties = ['Id', 'LoadState', 'ActiveState', 'UnitFileState', 'NeedDaemonReload'];

/** What systemd knows of the named units (systemctl(1), org.freedesktop.systemd1(5)). */
export function units(names: readonly string[]): Fact<ReadonlyMap<string, UnitState>> {
  return {
    id: 'units',
    command: sh`systemctl show --no-pager --property=${properties.join(',')} -- ${names}`,
    parse: ({ stdout }) => new Map(stdout.trim().split(/\n\n+/).filter(Boolean).map(parseBlock)),
  };
}

function parseBlock(block: string): [string, UnitState] {
  const values = new Map(
    block.split('\n').map((line): [string, string] => {
      const equals = line.indexOf('=');
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
  const value = (name: string): string => {
    const found = values.get(name);
    if (found === undefined) throw unreadable(`systemctl show printed no ${name}`);
    return found;
  };
  return [
    value('Id'),
    {
      load: value('LoadState'),
      active: value('ActiveState'),
      enablement: value('UnitFileState'),
      needsDaemonReload: value('NeedDaemonReload') === 'yes',
    },
  ];
}
