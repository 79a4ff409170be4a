import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultyHost } from './faulty-host.js';
import { headOf } from './ledger-host.js';

/** What runs and stands on a node: little, of every kind. */
export interface Setup {
  readonly name: string;
  readonly haproxy: string;
  readonly keepalived: string | undefined;
  readonly extra: string | undefined;
  readonly sysctl: string;
}

function ours(name: string, terms: string, extra: string | undefined): Setup {
  const id = name.padEnd(12, name[0]);
  return {
    name,
    haproxy: `# ${name}\nglobal\n    description node-101/ha-deploy:${id}\n`,
    keepalived: `# ${name}\nglobal_defs {\n  router_id node-101/ha-deploy:${id}-${terms}\n}\n`,
    extra,
    sysctl: `${name}\n`,
  };
}

/** Before the first run: HAProxy with what its distribution ships. */
export const before: Setup = {
  name: 'before us',
  haproxy: '# before us\n',
  keepalived: undefined,
  extra: undefined,
  sysctl: '0\n',
};
export const a = ours('a', '11111111', undefined);
export const b = ours('b', '11111111', 'extra\n');
/** On other terms. */
export const c = ours('c', '22222222', 'extra\n');

/** How a node may be at rest. */
export interface Rest {
  readonly setup: Setup;
  /** The last confirmed generation. */
  readonly current: string | undefined;
}

const seconds = '8';

/** What every run may touch, and what every generation names. */
export function footprint(host: FaultyHost): string {
  return [
    `path haproxy.service ${host.path('haproxy.cfg')}`,
    `path keepalived.service ${host.path('keepalived.conf')}`,
    `path haproxy.service ${host.path('extra')}`,
    'sysctl net.setting',
    'unit haproxy.service',
    'unit keepalived.service',
    'package haproxy',
    '',
  ].join('\n');
}

/** Makes the node that, as the steps of a run would. */
export function apply(host: FaultyHost, { haproxy, keepalived, extra, sysctl }: Setup): void {
  host.daemon('haproxy', haproxy);
  if (keepalived !== undefined) host.daemon('keepalived', keepalived);
  for (const path of [host.path('extra'), join(host.folder, 'units/read')])
    if (extra === undefined) rmSync(path, { force: true });
    else writeFileSync(path, extra);
  host.write('proc/net/setting', sysctl);
  host.write('packages/haproxy', 'installed');
  host.write('info/haproxy.list', '');
  for (const name of ['haproxy', 'keepalived']) rmSync(join(host.runtime, `unread-${name}.service`), { force: true });
}

/** A node that we have never been at. */
export function lay(host: FaultyHost): void {
  host.daemon('haproxy', before.haproxy);
  host.unit('keepalived.service', 'disabled', 'inactive');
  host.write('units/keepalived.service/reads', host.path('keepalived.conf'));
  host.write('proc/net/setting', before.sysctl);
}

export const tenant = 'holder=anna@laptop\n';

export function take(token: string, insteadOf = '-'): readonly string[] {
  return ['take', token, insteadOf, seconds, 'adopt'];
}

export function record(token: string, id: number, copied = ''): readonly string[] {
  return ['record', token, String(id), Buffer.from(headOf(token, id)).toString('base64'), copied];
}

/** Runs a step that has to work. @throws Error where it did not */
export async function must(host: FaultyHost, step: readonly string[], input = ''): Promise<void> {
  const { exitCode, lines } = await host.step(step, input);
  if (exitCode !== 0) throw new Error(`${step.slice(0, 3).join(' ')} ends with ${exitCode}: ${lines.join('; ')}`);
}

export function expire(host: FaultyHost): void {
  host.write('uptime', `${Number.parseInt(host.read('uptime'), 10) + 100}.00 0.00\n`);
}

/** /run is empty then, and so is the memory of daemons. */
export async function powerCut(host: FaultyHost): Promise<void> {
  for (const name of ['run', 'flags']) rmSync(join(host.folder, name), { recursive: true, force: true });
  for (const unit of host.list('units').filter((name) => name.endsWith('.service'))) {
    if (unit.startsWith('ha-deploy-watch-')) rmSync(join(host.folder, 'units', unit), { recursive: true });
    else host.write(`units/${unit}/active`, 'inactive\n');
  }
  rmSync(join(host.folder, 'units/read'), { force: true });
  if (host.has('files/extra')) host.write('units/read', host.read('files/extra'));
  host.write('uptime', '10.00 0.00\n');
}
