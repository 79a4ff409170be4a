import { networkInterfaces } from 'node:os';
import { getContainerRuntimeClient } from 'testcontainers';

/** The network that the hosts of one lab share. */
export interface LabNetwork {
  readonly name: string;
  /** The first three parts of its IPv4 addresses, such as `192.168.8`. */
  readonly prefix: string;
  /** The first four groups of its IPv6 addresses, such as `fd00:192:168:8`. */
  readonly prefix6: string;
  /** Mark everything that belongs to the lab, so that it can be found again and removed. */
  readonly labels: Record<string, string>;
}

/** The label that holds the name of the lab. */
export const labLabel = 'ha-deploy.lab';

/** A private network with the addresses that the lab asks for; the machine itself is `.254` in it. */
export async function createNetwork(lab: string, prefix: string): Promise<LabNetwork> {
  refuseNetworkInUse(prefix);
  const network: LabNetwork = {
    name: `ha-deploy-${lab}`,
    prefix,
    prefix6: `fd00:${prefix.replaceAll('.', ':')}`,
    labels: { [labLabel]: lab },
  };
  const client = await getContainerRuntimeClient();
  await client.network.create({
    Name: network.name,
    Labels: network.labels,
    EnableIPv6: true,
    IPAM: {
      Config: [
        { Subnet: `${prefix}.0/24`, Gateway: `${prefix}.254` },
        { Subnet: `${network.prefix6}::/64`, Gateway: `${network.prefix6}::fe` },
      ],
    },
  });
  return network;
}

/** Removes the network of a lab, which no container may use any more. */
export async function removeNetwork(lab: string): Promise<void> {
  const client = await getContainerRuntimeClient();
  const networks = await client.container.dockerode.listNetworks({ filters: { label: [`${labLabel}=${lab}`] } });
  await Promise.all(networks.map(async ({ Id }) => client.network.remove(client.network.getById(Id))));
}

/** The lab must not shadow a real network of the same addresses, nor another lab. */
function refuseNetworkInUse(prefix: string): void {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    const taken = addresses?.find(({ address }) => address.startsWith(`${prefix}.`));
    if (taken !== undefined) {
      throw new Error(
        `This machine has the address ${taken.cidr ?? taken.address} on ${name}: choose other addresses for the lab than ${prefix}.0/24.`,
      );
    }
  }
}
