import { inPerl } from '../../remote/perl.js';
import { type Fact, unreadable } from '../fact.js';
import { unixStream } from '../unix-stream.js';

/** HAProxy as its own admin socket tells it; undefined when nothing answers there. */
export interface HaproxyProcess {
  readonly version: string;
  /** `global description` of the configuration that it runs. */
  readonly description: string;
  /** Open files that its host grants, and that its `maxconn` may take. */
  readonly files: { readonly granted: number; readonly needed: number };
  /** Those that clients have open, and how many it takes at most, all frontends together. */
  readonly connections: Occupancy;
  /** By name. */
  readonly frontends: ReadonlyMap<string, Occupancy>;
  /** Seconds that each backend has had a usable server since HAProxy started or was reloaded, by name. */
  readonly secondsServed: ReadonlyMap<string, number>;
  readonly servers: readonly HaproxyServer[];
}

/** Connections that are open, and how many there may be. */
export interface Occupancy {
  readonly current: number;
  readonly limit: number;
}

export interface HaproxyServer {
  readonly backend: string;
  readonly name: string;
  /** The effective one; with 0 it gets no new connections. */
  readonly weight: number;
  /** `UP`, `DOWN`, `UP 1/3`, `no check`, `MAINT`, `DRAIN` … (management guide, "show stat", column status) */
  readonly status: string;
  /** `L4OK`, `L7STS`, `L4CON` …; empty when not checked */
  readonly check: string;
  /** What the application answered: for HTTP its status. */
  readonly checkCode: number | undefined;
  /** Seconds that it has been in this state; a reload of HAProxy begins to count anew. */
  readonly since: number | undefined;
}

const adminSocket = '/run/haproxy/admin.sock';

/**
 * Perl that asks HAProxy's admin socket, in a sub `ask_haproxy($commands)`, undefined where nothing answers within two seconds: an
 * HAProxy that is stopped in its tracks still accepts.
 */
export const askHaproxy = String.raw`${unixStream}
sub ask_haproxy {
  my ($commands) = @_;
  my $s = unix_stream("${adminSocket}") // return undef;
  local $SIG{ALRM} = sub { die };
  local $SIG{PIPE} = "IGNORE";
  local $/;
  my $answer = eval { alarm 2; syswrite $s, "$commands\n"; <$s> };
  alarm 0;
  return $answer;
}
`;

export const haproxyProcess: Fact<HaproxyProcess | undefined> = {
  id: 'haproxy',
  ...inPerl(`${askHaproxy}print ask_haproxy("show info;show stat") // die;`),
  parse: ({ exitCode, stdout }) => (exitCode === 0 ? parse(stdout) : undefined),
};

/** Whether it runs a file of ours, of whichever cluster (`render/identity.ts`). */
export function runsOurFile({ description }: HaproxyProcess): boolean {
  return description.startsWith('ha-deploy:');
}

/** Whether HAProxy gives this server new connections now. */
export function isUp({ status, weight }: HaproxyServer): boolean {
  return weight > 0 && (status.startsWith('UP') || status === 'no check');
}

/** Whether it has a name and no address (management guide, "show stat"; `MAINT (resolution)` from 1.7 to 3.3). */
export function isUnresolved({ status }: Pick<HaproxyServer, 'status'>): boolean {
  return status === 'MAINT (resolution)';
}

/** Whether the first check of this server is still to come (management guide, "show stat", column check_status). */
export function isUnchecked({ check }: Pick<HaproxyServer, 'check'>): boolean {
  return check === 'INI';
}

function parse(stdout: string): HaproxyProcess {
  const [info = '', stat = ''] = stdout.split(/^(?=# pxname,)/m);
  const values = new Map(
    info.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2).trim()];
    }),
  );
  const value = (name: string): string => {
    const found = values.get(name);
    if (found === undefined) throw unreadable(`show info printed no ${name}`);
    return found;
  };
  const number = (name: string): number => {
    if (!/^\d{1,15}$/.test(value(name))) throw unreadable(`show info printed an odd ${name}`);
    return Number(value(name));
  };
  return {
    version: value('Version'),
    description: values.get('description') ?? '',
    files: { granted: number('Ulimit-n'), needed: number('Maxsock') },
    connections: { current: number('CurrConns'), limit: number('Maxconn') },
    ...parseStat(stat, number('Uptime_sec')),
  };
}

/** The CSV of `show stat`, its columns found by name: later versions append columns. */
function parseStat(stat: string, uptime: number): Pick<HaproxyProcess, 'frontends' | 'secondsServed' | 'servers'> {
  const [header = '', ...rows] = stat.trim().split('\n');
  const columns = header.replace(/^# /, '').split(',');
  const column = (name: string): number => {
    const index = columns.indexOf(name);
    if (index < 0) throw unreadable(`show stat has no column ${name}`);
    return index;
  };
  const [backend, name, status, check] = [column('pxname'), column('svname'), column('status'), column('check_status')];
  const [code, since, weight, downtime] = [
    column('check_code'),
    column('lastchg'),
    column('weight'),
    column('downtime'),
  ];
  const table = rows.map((row) => row.split(','));
  const [current, limit] = [column('scur'), column('slim')];
  const frontends = table
    .filter((cells) => cells[name] === 'FRONTEND')
    .map((cells): [string, Occupancy] => [
      cells[backend] ?? '',
      { current: count(cells[current]), limit: count(cells[limit]) },
    ]);
  const served = table
    .filter((cells) => cells[name] === 'BACKEND' && cells[downtime] !== '')
    .map((cells): [string, number] => [cells[backend] ?? '', uptime - count(cells[downtime])]);
  const servers = table
    .filter((cells) => cells[name] !== 'FRONTEND' && cells[name] !== 'BACKEND')
    .map((cells) => ({
      backend: cells[backend] ?? '',
      name: cells[name] ?? '',
      weight: count(cells[weight]),
      status: cells[status] ?? '',
      // A leading `* ` says that a check is under way.
      check: (cells[check] ?? '').replace(/^\* /, ''),
      checkCode: wholeNumber(cells[code]),
      since: wholeNumber(cells[since]),
    }));
  return { frontends: new Map(frontends), secondsServed: new Map(served), servers };
}

/** What every row of its kind has, by all versions. */
function count(cell: string | undefined): number {
  const number = wholeNumber(cell);
  if (number === undefined) throw unreadable('show stat printed no number where every version has one');
  return number;
}

function wholeNumber(text = ''): number | undefined {
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
