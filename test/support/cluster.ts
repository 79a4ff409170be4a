import { expect } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import { Desk } from './cli.js';
import type { Run } from './contract.js';
import { eventually } from './eventually.js';
import { holdersOf, on, type TestLab } from './lab.js';
import { echo } from './traffic.js';

export const servicePort = 8443;

/** The memo's cluster in the lab, but for adverts every second: at ten a second a busy machine alone makes VIPs move. */
export function pairConfig(lab: TestLab) {
  return {
    name: 'e2e',
    vip: lab.vip,
    ssh: sshOf(lab),
    nodes: Object.fromEntries(lab.pair.map(({ name, address }) => [name, address])),
    vrrp: { profile: 'relaxed' },
    services: { api: { port: servicePort, servers: backendsOf(lab) } },
  };
}

/** Settings that HAProxy's checker takes, and it cannot start with: `haproxy -c` opens no socket. */
export const unstartable = { haproxy: { extraGlobal: 'stats socket /nowhere/admin.sock\n' } };

export function sshOf({ identityFile, knownHosts }: TestLab) {
  return { user: 'ops', identityFile, knownHosts };
}

/** Every host of the lab has something on this port that answers. */
export function backendsOf({ hosts }: TestLab): string[] {
  return [...hosts.values()].map(({ address }) => `${address}:6443`);
}

/** A desk whose pair is as its configuration says, whatever state it was in. */
export async function convergedPair(lab: TestLab): Promise<Desk> {
  const desk = await Desk.open(pairConfig(lab));
  const { result } = await desk.run('up');
  if (result.error?.code === 'OTHER_CLUSTER') {
    await Promise.all(lab.pair.map(makeBare));
    return await convergedPair(lab);
  }
  expect(result).toMatchObject({ exitCode: 0 });
  return desk;
}

/** `<action> <resource>` of everything that a run planned for a node. */
export function changesOf({ result }: Run, node: LabHost): string[] {
  return (result.nodes?.[node.name]?.changes ?? []).map(({ action, resource }) => `${action} ${resource}`);
}

/** The same of everything that a run has done to a node, in order, as its events tell. */
export function doneOn({ events, result }: Run, node: LabHost): string[] {
  const changes = result.nodes?.[node.name]?.changes ?? [];
  return events
    .filter((event) => event.event === 'change-finished' && event.node === node.name && event.ok === true)
    .map(({ index = -1 }) => `${changes[index]?.action} ${changes[index]?.resource}`);
}

/** Who holds the VIP of the pair, once exactly one of them does, and a backend answers on it from here. */
export async function holderAmong(hosts: readonly LabHost[], vip: string, port = servicePort): Promise<LabHost> {
  return eventually(`${vip} is held by one of ${hosts.map(({ name }) => name).join(', ')}, and answers`, async () => {
    const holders = await holdersOf(hosts, vip);
    expect(holders).toHaveLength(1);
    await echo(vip, port);
    const holder = hosts.find(({ name }) => name === holders[0]);
    if (holder === undefined) throw new Error('held by nobody');
    return holder;
  });
}

/** The pair as it is now: who holds the VIP, and who would take it over. */
export async function roles({ pair, vip }: TestLab): Promise<{ holder: LabHost; backup: LabHost }> {
  const holder = await holderAmong(pair, vip);
  const [first, second] = pair;
  return { holder, backup: holder === first ? second : first };
}

/** Takes everything off a host that `up` puts on it, and cures what a test may have left. */
export async function makeBare(host: LabHost): Promise<void> {
  await on(
    host,
    `
rm -rf /var/lib/ha-deploy /etc/systemd/system/ha-deploy-revert.service \
  /etc/systemd/system/multi-user.target.wants/ha-deploy-revert.service
systemctl stop 'ha-deploy-watch-*'
for unit in haproxy keepalived; do systemctl unmask --quiet $unit 2>/dev/null || :; done
export DEBIAN_FRONTEND=noninteractive
if dpkg -s haproxy >/dev/null 2>&1 || dpkg -s keepalived >/dev/null 2>&1 || [ -d /etc/haproxy ]; then
  dpkg --configure -a
  apt-get -qq -o DPkg::Lock::Timeout=300 purge --autoremove haproxy keepalived >/dev/null
fi
rm -rf /etc/haproxy /etc/keepalived /run/ha-deploy /run/ha-deploy-lease /etc/systemd/system/haproxy.service.d \\
  /etc/systemd/system/keepalived.service.d /etc/sysctl.d/60-ha-deploy.conf /etc/sysusers.d/ha-deploy.conf \\
  /etc/tmpfiles.d/ha-deploy.conf
if getent passwd keepalived_script >/dev/null; then userdel keepalived_script; fi
echo 0 >/proc/sys/net/ipv4/ip_nonlocal_bind
systemctl daemon-reload
systemctl reset-failed`,
  );
}
