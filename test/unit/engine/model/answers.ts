import { paths } from '../../../../playbooks/paths.js';
import { haproxyProcess } from '../../../../src/facts/haproxy/haproxy.js';
import { keepalivedProcess } from '../../../../src/facts/keepalived/keepalived.js';
import type { Standing } from '../../../../src/facts/keepalived/participation.js';
import { networkDropIn } from '../../../../src/facts/network/managed-links.js';
import type { QueryOutput } from '../../../../src/remote/runner.js';
import { daemons } from './daemon.js';
import type { ModelFile, ModelHost, ModelUnit } from './host.js';

/** What a host cannot know from itself. */
export interface Surroundings {
  /** The VIPs that it holds. */
  readonly held: readonly string[];
  /** The state of its one VRRP instance, if keepalived runs. */
  readonly vrrp: { readonly name: string; readonly state: string; readonly priority: number };
  /** Of HAProxy, each with the connections that it has and may have. */
  readonly frontends: readonly (readonly [name: string, current: number, limit: number])[];
  /** `backend/server`. */
  readonly servers: readonly (readonly [string, string])[];
  /** The backends whose servers are all down. */
  readonly down: ReadonlySet<string>;
  /** What it hears on the wire, a line each. */
  readonly hears: readonly string[];
  /** How many service endpoints there are, and whether they answer from here. */
  readonly endpoints: { readonly count: number; readonly answer: boolean };
}

const nothing: QueryOutput = { exitCode: 1, stdout: '' };

/** What a host prints when it is asked for a fact. @throws Error for a fact that the model does not know */
export function answer(host: ModelHost, id: string, surroundings: Surroundings): QueryOutput {
  const [kind = '', name = ''] = /^([^:]+):?(.*)$/.exec(id)?.slice(1) ?? [];
  switch (kind) {
    case 'platform':
      return ok('os ID=debian\nos VERSION_ID="12"\nsystemd\n');
    case 'interfaces':
      return ok(JSON.stringify([{ ifname: 'eth0', addr_info: addresses(host, surroundings) }]));
    case 'clock':
      return ok(`${host.tick()}\n`);
    case 'packages':
      return ok(
        [...host.packages].map(([entry, status]) => `${entry}\t${host.versions.get(entry)}\t${status}\n`).join(''),
      );
    case 'units':
      return ok(daemons.map((daemon) => unit(`${daemon}.service`, host.units[daemon])).join('\n'));
    case 'file':
      return file(host.files.get(name));
    case 'sysctl':
      return ok(`${host.sysctls.get(name)}\n`);
    case 'account':
      return host.accounts.has(name) ? ok(`${name}:x:997:997::/:/usr/sbin/nologin\n`) : { ...nothing, exitCode: 2 };
    case haproxyProcess.id:
      return haproxy(host, surroundings);
    case keepalivedProcess.id:
      return keepalived(host, surroundings);
    case 'endpoints':
      return host.units.haproxy.installed ? ok(endpoints(surroundings)) : nothing;
    case 'networkd':
      return networkd(host);
    case 'wire':
      return ok(surroundings.hears.map((line) => `${line}\n`).join(''));
    case 'daemons':
      return ok(
        `${host.tick()}\n${daemons.map((daemon) => daemonOf(`${daemon}.service`, host.units[daemon])).join('\n')}keepalived 2.2.7\n`,
      );
    case 'boot':
      return ok(`1\n${100 * host.tick()}\n`);
    case 'old-workers':
      return host.units.haproxy.runs === undefined ? nothing : ok('#<PID> <type>\n# workers\n# programs\n');
    case 'held-units':
      return ok(host.hold === 'none' ? '' : host.hold);
    case 'standing':
      return ok(`${standingOf(host.contentOf(paths.maintenanceFlag)?.trim())}\n`);
    case 'ledger':
      return ok(ledgerOf(host));
    case 'trial':
      return host.refuses.has(name) ? { exitCode: 65, stdout: `/tmp/x\n${name}:3: no\n` } : ok('');
    case 'room':
      return ok(
        name
          .split(',')
          .map(
            (folder, device) =>
              `${device} 4096 ${host.full.has(folder) ? 0 : 9_000_000} 9999 9990 ${folder}\t${folder}\n`,
          )
          .join(''),
      );
    case 'sizes':
      return ok(
        name
          .split(',')
          .flatMap((path) => {
            const text = host.contentOf(path);
            return text === undefined ? [] : [`${Buffer.byteLength(text)} ${path}\n`];
          })
          .join(''),
      );
    case 'apt-index':
    case 'shown-certificates':
    case 'our-files':
    case 'taken-ports':
    case 'stranger':
      return ok('');
    default:
      throw new Error(`${host.name}: the model does not know the fact ${id}`);
  }
}

function standingOf(flag: string | undefined): Standing {
  if (flag === '1') return 'in maintenance';
  return flag === '2' ? 'standing back' : 'taking part';
}

function ok(stdout: string): QueryOutput {
  return { exitCode: 0, stdout };
}

function networkd(host: ModelHost): QueryOutput {
  if (host.networkFile === undefined) return nothing;
  const ours = host.contentOf(networkDropIn(host.networkFile)) ?? '';
  return ok(`link eth0 ${host.networkFile}\n${ours.replaceAll(/^(?=.)/gm, 'ours ')}`);
}

function addresses(host: ModelHost, { held }: Surroundings): readonly object[] {
  return [{ local: host.address, prefixlen: 24 }, ...held.map((local) => ({ local, prefixlen: 32 }))];
}

function unit(id: string, { installed, active, enabled, masked, needsDaemonReload, changedAt }: ModelUnit): string {
  const load = masked === '' ? (installed ? 'loaded' : 'not-found') : 'masked';
  const enablement = masked === '' ? (installed ? (enabled ? 'enabled' : 'disabled') : '') : masked;
  return `Id=${id}\nLoadState=${load}\nActiveState=${active}\nUnitFileState=${enablement}\nNeedDaemonReload=${needsDaemonReload ? 'yes' : 'no'}\nStateChangeTimestamp=${printedTime(changedAt)}\n`;
}

function daemonOf(id: string, { active, changedAt }: ModelUnit): string {
  const pid = active === 'active' ? 4711 : 0;
  return `MainPID=${pid}\nExecMainStartTimestamp=${printedTime(changedAt)}\nId=${id}\nActiveState=${active}\n`;
}

function printedTime(seconds: number): string {
  if (seconds === 0) return '';
  return `Tue ${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function file(found: ModelFile | undefined): QueryOutput {
  switch (found?.type) {
    case undefined:
      return nothing;
    case 'link':
      return ok('a1ff 777 root:root 1700000000\n');
    case 'directory':
      return ok(`41ed ${found.mode} ${found.owner} 1700000000\n`);
    case 'file':
      return ok(`81a4 ${found.mode} ${found.owner} ${found.touchedAt}\n${found.content}`);
  }
}

function haproxy({ units: { haproxy: process } }: ModelHost, { servers, down, frontends }: Surroundings): QueryOutput {
  if (process.runs === undefined) return nothing;
  const open = frontends.map(([name, current, limit]) => `${name},FRONTEND,${current},${limit},OPEN,,,,,\n`);
  // By the name of its service, for as long as HAProxy runs.
  const row = ([backend, name]: readonly [string, string]) =>
    down.has(backend) ? `${backend},${name},,,DOWN,1,60,L4CON,,60\n` : `${backend},${name},,,UP,1,60,L4OK,,0\n`;
  const backends = frontends.map(
    ([name]) => `${name},BACKEND,,,${down.has(name) ? 'DOWN' : 'UP'},1,60,,,${down.has(name) ? 60 : 0}\n`,
  );
  const rows = [...open, ...servers.map(row), ...backends].join('');
  const info = `Version: 2.6.12\nUlimit-n: 40045\nMaxsock: 40045\nCurrConns: 0\nMaxconn: 20090\nUptime_sec: 60\ndescription: ${process.runs}\n`;
  return ok(`${info}\n# pxname,svname,scur,slim,status,weight,lastchg,check_status,check_code,downtime\n${rows}\n`);
}

function keepalived({ units }: ModelHost, { vrrp }: Surroundings): QueryOutput {
  if (units.keepalived.runs === undefined) return nothing;
  const instance = ` VRRP Instance = ${vrrp.name}\n   State = ${vrrp.state}\n   Effective priority = ${vrrp.priority}\n`;
  return ok(` Router ID = ${units.keepalived.runs}\n${instance}`);
}

function endpoints({ endpoints: { count, answer: answers } }: Surroundings): string {
  return Array.from({ length: count }, (_, index) => `${index} ${answers ? 'ok' : '111'}\n`).join('');
}

function ledgerOf(host: ModelHost): string {
  const { lease, uncommitted, together, generation, forgotten } = host;
  const state = '/var/lib/ha-deploy';
  const of = (place: string, lines: readonly string[]): string => lines.map((line) => `${place}:${line}\n`).join('');
  return [
    '/proc/uptime:1000.00 2000.00\n',
    of(
      '/run/ha-deploy-lease/lease',
      lease === undefined ? [] : [`token=${lease.token}`, 'fence=1', 'expires=1060', ...lease.lines],
    ),
    of(`${state}/uncommitted/target`, uncommitted === undefined ? [] : ['0']),
    of(`${state}/current/head`, generation?.head.trim().split('\n') ?? []),
    of(`${state}/uncommitted/together`, uncommitted !== undefined && together ? ['100'] : []),
    of(`${state}/uncommitted/forgotten`, [...forgotten]),
    of(`${state}/current/manifest`, [
      ...(generation?.paths.map((path, index) => `path - ${index + 1} ${path}`) ?? []),
      ...(generation?.sysctls?.map((name) => `sysctl ${name} 1`) ?? []),
    ]),
  ].join('');
}
