import type { LabHost } from '../../docker/host.js';
import { on } from './lab.js';

/** Lets a host drop every packet of VRRP, or those of one sender, as a firewall does. @returns what takes the firewall away */
export async function dropVrrp(host: LabHost, sender?: LabHost): Promise<() => Promise<void>> {
  return drop(host, `meta l4proto 112 ${sender === undefined ? '' : `ip saddr ${sender.address}`}`);
}

/** The same of what one address sends to another. */
export async function dropFrom(host: LabHost, sender: string, receiver: string): Promise<() => Promise<void>> {
  return drop(host, `ip saddr ${sender} ip daddr ${receiver}`);
}

async function drop(host: LabHost, packets: string): Promise<() => Promise<void>> {
  await on(
    host,
    `command -v nft >/dev/null || { apt-get -qq update; apt-get -qq install --no-install-recommends nftables >/dev/null; }
nft add table inet e2e
nft add chain inet e2e input '{ type filter hook input priority 0; }'
nft add rule inet e2e input ${packets} drop`,
  );
  return async () => void (await on(host, 'nft delete table inet e2e'));
}

/** Another router on the network: keepalived with this router id, by multicast. @returns what stops it */
export async function strangeRouter(host: LabHost, routerId: number): Promise<() => Promise<void>> {
  const config = `vrrp_instance stranger {
  interface eth0
  virtual_router_id ${routerId}
  priority 77
  advert_int 0.1
  version 3
  virtual_ipaddress { ${host.address.replace(/\.\d+$/, '.190')}/32 }
}
`;
  await host.pipe(config, ['install', '-D', '-m', '0640', '/dev/stdin', '/etc/keepalived/keepalived.conf']);
  await on(
    host,
    `export DEBIAN_FRONTEND=noninteractive
command -v keepalived >/dev/null || {
  apt-get -qq update
  apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold install --no-install-recommends keepalived >/dev/null
}
systemctl restart keepalived`,
  );
  return async () => void (await on(host, 'systemctl stop keepalived; rm /etc/keepalived/keepalived.conf'));
}

/** Lets systemd-networkd manage eth0, with the addresses that it has. @returns what takes it away again */
export async function manageByNetworkd(host: LabHost): Promise<() => Promise<void>> {
  await on(
    host,
    `gateway=$(ip -4 route show default | sed -n 's/.*via \\([0-9.]*\\).*/\\1/p')
mkdir -p /run/systemd/network
printf '[Match]\\nName=eth0\\n[Network]\\nAddress=%s/24\\nAddress=%s/64\\nGateway=%s\\n' \\
  ${host.address} ${host.address6} "$gateway" >/run/systemd/network/10-netplan-eth0.network
systemctl unmask --quiet systemd-networkd.socket systemd-networkd.service
systemctl start systemd-networkd`,
  );
  return async () =>
    void (await on(
      host,
      `systemctl stop systemd-networkd.socket systemd-networkd.service
systemctl mask --quiet systemd-networkd.socket systemd-networkd.service
rm -rf /run/systemd/network /etc/systemd/network/10-netplan-eth0.network.d`,
    ));
}
