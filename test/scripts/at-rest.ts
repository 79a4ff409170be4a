import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultyHost } from './faulty-host.js';
import { before, type Rest } from './small-node.js';

/** What is wrong with a node; nothing where all is well. */
export type Faults = readonly string[];

export function currentOf(host: FaultyHost): string | undefined {
  const link = join(host.state, 'current');
  return lstatSync(link, { throwIfNoEntry: false }) === undefined
    ? undefined
    : readlinkSync(link).replace('generations/', '');
}

/** What there is: as short as it can be compared. */
function shape(host: FaultyHost): string {
  const runs = (name: string): string | undefined =>
    host.text(`units/${name}.service/active`) === 'active\n' ? host.text(`units/${name}.service/runs`) : undefined;
  const on = (name: string): boolean => host.text(`units/${name}.service/enabled`) === 'enabled\n';
  return JSON.stringify([
    ...['haproxy.cfg', 'keepalived.conf', 'extra'].map((name) => host.text(`files/${name}`)),
    host.text('units/read'),
    host.text('proc/net/setting'),
    runs('haproxy'),
    runs('keepalived'),
    on('haproxy'),
    on('keepalived'),
    currentOf(host),
  ]);
}

function shapeOf({ setup, current }: Rest): string {
  const { haproxy, keepalived, extra, sysctl } = setup;
  return JSON.stringify([
    haproxy,
    keepalived,
    extra,
    extra,
    sysctl,
    haproxy,
    keepalived,
    true,
    keepalived !== undefined,
    current,
  ]);
}

/** What has no business on a node at rest. */
const leftovers = [
  'run/lease',
  'run/due',
  'flags/standing-back',
  'state/uncommitted',
  'state/finished',
  'state/touched',
  'systemd/ha-deploy-revert.service',
];

function everything(folder: string, below = ''): readonly string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = join(below, entry.name);
    return entry.isDirectory() ? [name, ...everything(folder, name)] : [name];
  });
}

/**
 * What keeps a node from being exactly one of these.
 * @param through what it may have been on the way: before us not every daemon ran
 */
export function atRest(host: FaultyHost, rests: readonly Rest[], through: readonly Rest[] = rests): Faults {
  const faults: string[] = [];
  const isLeaving = through.some(({ setup }) => setup === before);
  const is = shape(host);
  if (!rests.some((rest) => shapeOf(rest) === is))
    faults.push(`it is neither of ${rests.map(({ setup }) => setup.name).join(', ')}: ${is}`);
  if (/^[12]/.test(host.text('flags/maintenance') ?? '')) faults.push('it is left standing back');
  faults.push(
    ...leftovers
      .filter((name) => lstatSync(join(host.folder, name), { throwIfNoEntry: false }) !== undefined)
      .map((name) => `${name} is left`),
  );
  for (const folder of ['files', 'state', 'systemd', 'flags', 'run'].filter((name) => host.has(name)))
    faults.push(
      ...everything(join(host.folder, folder))
        .filter((name) => /\.new$|\.new\/|\.ha-deploy/.test(name))
        .map((name) => `${folder}/${name} is left`),
    );
  if (host.has('systemd/multi-user.target.wants') && host.list('systemd/multi-user.target.wants').length > 0)
    faults.push('the boot unit is left');
  if (!isLeaving && / (restart|stop) |^(restart|stop) /m.test(host.text('systemctl.log') ?? ''))
    faults.push('a daemon was stopped');
  return [...faults, ...damaged(host), ...remembered(host, isLeaving)];
}

/** Whether the last good state could be gone back to. */
function damaged(host: FaultyHost): Faults {
  const current = currentOf(host);
  if (current === undefined) return [];
  const manifest = host.text(`state/generations/${current}/manifest`) ?? '';
  return manifest.endsWith('\nend\n') ? [] : [`generation ${current} has no end`];
}

/** Whether what was there before us is still known. */
function remembered(host: FaultyHost, isLeaving: boolean): Faults {
  const current = host.text('state/current/manifest');
  if (current === undefined) return [];
  const origin = host.text('state/generations/0/manifest') ?? '';
  const kept = (path: string): string | undefined => {
    const line = origin.split('\n').filter((each) => each.startsWith('path ') && each.endsWith(` ${path}`));
    if (line.length !== 1) return `${line.length} lines`;
    const number = line[0]?.split(' ')[2];
    return number === '-' ? undefined : host.text(`state/generations/0/files/${number}`);
  };
  const faults: string[] = [];
  if (kept(host.path('haproxy.cfg')) !== before.haproxy) faults.push('what HAProxy had before us is forgotten');
  if (kept(host.path('keepalived.conf')) !== undefined)
    faults.push('that keepalived had nothing before us is forgotten');
  // A package may stay when we go.
  const others = isLeaving ? [] : ['package haproxy absent'];
  for (const line of ['sysctl net.setting 0', 'unit keepalived.service disabled inactive', ...others])
    if (origin.split('\n').filter((each) => each === line).length !== 1) faults.push(`forgotten: ${line}`);
  return faults;
}

/** What repairs depend on: two nodes that are alike here are mended alike. */
export function fingerprint(host: FaultyHost): string {
  return (
    ['files', 'state', 'systemd', 'flags', 'run', 'units', 'packages', 'info', 'proc']
      .filter((name) => host.has(name))
      .flatMap((name) => everything(join(host.folder, name)).map((each) => join(name, each)))
      .filter((name) => !/^run\/(did|said|reverted|trial|keepalived|names|lock|lease\.lock)$/.test(name))
      .map((name) => {
        const path = join(host.folder, name);
        const stat = lstatSync(path);
        if (stat.isSymbolicLink()) return `${name} -> ${readlinkSync(path)}`;
        return stat.isDirectory() ? name : `${name} ${statSync(path).mode} ${readFileSync(path, 'utf8')}`;
      })
      .toSorted()
      .join('\n')
      .replaceAll(host.folder, '') + /^\d+/.exec(host.read('uptime'))?.[0]
  );
}
