import { stranger } from '../../../src/checks/vrrp/stranger.js';
import { wire } from '../../../src/checks/vrrp/wire-probe.js';
import { account } from '../../../src/facts/account.js';
import { interfaces } from '../../../src/facts/addresses.js';
import { secondsUp } from '../../../src/facts/boot.js';
import { daemons } from '../../../src/facts/daemons.js';
import { reachableEndpoints } from '../../../src/facts/endpoints.js';
import type { Fact } from '../../../src/facts/fact.js';
import { file } from '../../../src/facts/file.js';
import { haproxyProcess } from '../../../src/facts/haproxy.js';
import { oldWorkers } from '../../../src/facts/haproxy-workers.js';
import { heldUnits } from '../../../src/facts/held-units.js';
import { keepalivedProcess } from '../../../src/facts/keepalived.js';
import { ledger } from '../../../src/facts/ledger.js';
import { managedLinks } from '../../../src/facts/networkd.js';
import { packages } from '../../../src/facts/packages.js';
import { platform } from '../../../src/facts/platform.js';
import { roomIn, sizesOf } from '../../../src/facts/room.js';
import { serverNames } from '../../../src/facts/server-names.js';
import { shownCertificates } from '../../../src/facts/shown-certificates.js';
import { sysctl } from '../../../src/facts/sysctl.js';
import { takenPorts } from '../../../src/facts/taken-ports.js';
import { units } from '../../../src/facts/units.js';

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
  ['room', roomIn(['/etc/haproxy', '/etc/systemd/system/new.d', '/mnt'])],
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
