import { GenericContainer } from 'testcontainers';
import { type HostIdentity, labelsOf } from './identity.js';
import type { LabNetwork } from './network.js';

/** What a container needs to run systemd and to own its network. `--privileged` would be more than some machines have. */
const capabilities = ['SYS_ADMIN', 'NET_ADMIN', 'NET_RAW', 'NET_BROADCAST', 'SYS_NICE'];

/**
 * Docker's own list, but for `/proc/sys/net`, which is the host's own. The rest is of the kernel, and so of the machine
 * that runs the lab.
 */
const readonlyPaths = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sysrq-trigger',
  '/proc/sys/abi',
  '/proc/sys/debug',
  '/proc/sys/dev',
  '/proc/sys/fs',
  '/proc/sys/kernel',
  '/proc/sys/vm',
];

/** A container that behaves like a host. */
export class HostContainer extends GenericContainer {
  /** @param image as `docker/image.sh` names it */
  constructor(image: string, identity: HostIdentity, network: LabNetwork) {
    super(image);
    this.withName(`${network.name}-${identity.name}`)
      .withHostname(identity.name)
      .withLabels({ ...network.labels, ...labelsOf(identity) })
      .withNetworkMode(network.name)
      .withAddedCapabilities(...capabilities)
      .withSecurityOpt('apparmor=unconfined', 'seccomp=unconfined')
      .withTmpFs({ '/run': 'rw,exec,nosuid,nodev,mode=755', '/run/lock': 'rw,noexec,nosuid,nodev' })
      // The lab removes its containers by their label; no helper container has to watch over them.
      .withAutoCleanup(false);
    // What testcontainers has no method for. dockerode's types do not know CgroupnsMode.
    Object.assign(this.hostConfig, { CgroupnsMode: 'private', ReadonlyPaths: readonlyPaths });
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: {
        [network.name]: { IPAMConfig: { IPv4Address: identity.address, IPv6Address: identity.address6 } },
      },
    };
  }
}
