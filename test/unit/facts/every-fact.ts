import { stranger } from '../../../src/checks/vrrp/stranger.js';
import { wire } from '../../../src/checks/vrrp/wire-probe.js';
import type { Fact } from '../../../src/facts/fact.js';
import { haproxyProcess } from '../../../src/facts/haproxy/haproxy.js';
import { oldWorkers } from '../../../src/facts/haproxy/old-workers.js';
import { shownCertificates } from '../../../src/facts/haproxy/shown-certificates.js';
import { account } from '../../../src/facts/host/account.js';
import { daemons } from '../../../src/facts/host/daemons.js';
import { diskSpaceIn, sizesOf } from '../../../src/facts/host/disk-space.js';
import { file } from '../../../src/facts/host/file.js';
import { heldUnits } from '../../../src/facts/host/held-units.js';
import { packages } from '../../../src/facts/host/packages.js';
import { platform } from '../../../src/facts/host/platform.js';
import { sysctl } from '../../../src/facts/host/sysctl.js';
import { units } from '../../../src/facts/host/units.js';
import { secondsUp } from '../../../src/facts/host/uptime.js';
import { keepalivedProcess } from '../../../src/facts/keepalived/keepalived.js';
import { ledger } from '../../../src/facts/ledger/ledger.js';
import { reachableEndpoints } from '../../../src/facts/network/endpoints.js';
import { interfaces } from '../../../src/facts/network/interfaces.js';
import { managedLinks } from '../../../src/facts/network/managed-links.js';
import { serverNames } from '../../../src/facts/network/server-names.js';
import { takenPorts } from '../../../src/facts/network/taken-ports.js';

/** Every fact, under the name of the folder with what real hosts answered. */
export const facts: readonly (readonly [string, Fact<unknown>])[] = [
  ['account', account('keepalived_script')],
  ['boot', secondsUp],
  ['shown-certificates', shownCertificates],
  ['daemons', daemons],
  ['endpoints', reachableEndpoints([{ address: '192.0.2.10', port: 443 }])],
  ['file', file('/etc/haproxy/haproxy.cfg')],
  ['haproxy', haproxyProcess],
  ['held-units', heldUnits(['haproxy.service', 'keepalived.service'])],
  ['interfaces', interfaces],
  ['keepalived', keepalivedProcess],
  ['ledger', ledger],
  ['networkd', managedLinks],
  ['old-workers', oldWorkers],
  ['packages', packages(['haproxy', 'keepalived'])],
  ['platform', platform],
  ['room', diskSpaceIn(['/etc/haproxy', '/etc/systemd/system/new.d', '/mnt'])],
  ['sizes', sizesOf(['/etc/hostname', '/etc/haproxy/haproxy.cfg', '/etc/mtab', '/etc/haproxy'])],
  [
    'server-names',
    serverNames(['node-102', 'web', 'web.example.com', 'gone.example.net.'], '/etc/haproxy/haproxy.cfg'),
  ],
  ['stranger', stranger({ address: '192.0.2.10', family: 4, prefix: 32 }, 'eth0')],
  ['sysctl', sysctl('net.ipv4.ip_nonlocal_bind')],
  [
    'taken-ports',
    takenPorts([
      { address: '192.0.2.100', port: 8443 },
      { address: '192.0.2.100', port: 9000 },
    ]),
  ],
  ['units', units(['haproxy.service', 'keepalived.service'])],
  [
    'wire',
    wire({
      token: '0'.repeat(32),
      index: 0,
      interface: 'eth0',
      addresses: ['192.0.2.10'],
      protocol: 112,
      channels: [{ family: 4, cast: 'unicast' }],
      peers: [{ index: 1, address: '192.0.2.11' }],
    }),
  ],
];
