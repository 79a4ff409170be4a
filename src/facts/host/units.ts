import { sh } from '../../remote/shell.js';
import { type Fact, unreadable } from '../fact.js';

export interface UnitState {
  /** `loaded`, `not-found`, `masked` … */
  readonly load: string;
  /** `active`, `inactive`, `failed`, `activating` … */
  readonly active: string;
  /** `enabled`, `disabled`, `masked`, `masked-runtime`, or empty when the unit does not exist */
  readonly enablement: string;
  /** A unit file changed since systemd read it. */
  readonly needsDaemonReload: boolean;
  /** When it last started, stopped or was reloaded: seconds since 1970; undefined when it never did. */
  readonly changedAt: number | undefined;
}

const properties = ['Id', 'LoadState', 'ActiveState', 'UnitFileState', 'NeedDaemonReload', 'StateChangeTimestamp'];

/**
 * What systemd knows of the named units (systemctl(1), org.freedesktop.systemd1(5)). Before 248 `systemctl show` rounds times to seconds,
 * in which a file may be edited and a unit reloaded; what is asked on the bus is exact.
 */
export function units(names: readonly string[]): Fact<ReadonlyMap<string, UnitState>> {
  return {
    id: 'units',
    command: sh`TZ=UTC; export TZ
show() { systemctl show --no-pager --property=${properties.join(',')} "$@" -- ${names}; }
said=$(show --timestamp=us || show)
printf '%s\\n' "$said"
case $said in *Timestamp=*[0-9].[0-9]*) exit 0 ;; esac
for name in ${names}; do
  path=$(echo "$name" | sed 's/-/_2d/g; s/[.]/_2e/g')
  time=$(busctl get-property org.freedesktop.systemd1 "/org/freedesktop/systemd1/unit/$path" org.freedesktop.systemd1.Unit StateChangeTimestamp) || continue
  printf '\\nExact=%s %s\\n' "$name" "\${time#t }"
done`,
    parse: ({ stdout }) => {
      const blocks = stdout.trim().split(/\n\n+/).filter(Boolean);
      const isExact = (block: string): boolean => block.startsWith('Exact=');
      const exact = new Map(blocks.filter(isExact).map(parseExact));
      return new Map(
        blocks
          .filter((block) => !isExact(block))
          .map(parseBlock)
          .map(([name, state]) => [name, { ...state, changedAt: exact.get(name) ?? state.changedAt }]),
      );
    },
  };
}

/** `Exact=haproxy.service 1796072193488004`: microseconds. */
function parseExact(block: string): [string, number | undefined] {
  const [, name, microseconds] = /^Exact=(\S+) (\d{1,17})$/.exec(block) ?? [];
  if (name === undefined) throw unreadable('busctl printed a time that is none');
  return [name, microseconds === '0' ? undefined : Number(microseconds) / 1e6];
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
      changedAt: systemdTime(value('StateChangeTimestamp')),
    },
  ];
}

/**
 * Seconds since 1970 of `Sun 2026-11-22 18:06:28 UTC`, or of `18:06:28.424478` in it.
 * @throws DeployError FACT_UNREADABLE
 */
export function systemdTime(text: string): number | undefined {
  if (text === '' || text === 'n/a') return undefined;
  const [, day = '', clock = '', fraction = ''] =
    /^\w{3} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{6})? UTC$/.exec(text) ?? [];
  const milliseconds = Date.parse(`${day}T${clock}Z`);
  if (Number.isNaN(milliseconds)) throw unreadable(`systemctl show printed a time that is none: ${text}`);
  return milliseconds / 1000 + Number(`0${fraction}`);
}
