import { getContainerRuntimeClient } from 'testcontainers';
import { type Access, accessOf, createIdentity, openHosts, removeAccess } from './access.js';
import { untilBooted } from './boot.js';
import { LabHost } from './host.js';
import { HostContainer } from './host-container.js';
import { identityFrom, identityOf } from './identity.js';
import { createNetwork, type LabNetwork, labLabel, removeNetwork } from './network.js';

/** What a lab is to be. */
export interface LabOptions {
  /** Keeps labs apart: `demo` for people, `test` for the tests. */
  readonly name: string;
  /** The first three parts of the hosts' addresses, such as `192.168.8`. */
  readonly prefix: string;
  /** How many hosts: `node-101`, `node-102` …, at the addresses of the same numbers. */
  readonly hosts: number;
  /** The image of the hosts, as `docker/image.sh` names it. */
  readonly image: string;
}

/** Running hosts on a network of their own, and the files to reach them by SSH. */
export interface Lab extends Access {
  readonly name: string;
  readonly prefix: string;
  /** The hosts by their names, in order. */
  readonly hosts: ReadonlyMap<string, LabHost>;
  /** Removes the hosts, their network and their files. */
  stop(): Promise<void>;
}

const firstNumber = 101;

/** Brings up a fresh lab, in the place of one of that name that may be left; a lab that fails to start is removed. */
export async function startLab(options: LabOptions): Promise<Lab> {
  await stopLab(options.name);
  try {
    const access = accessOf(options.name);
    await createIdentity(access);
    const network = await createNetwork(options.name, options.prefix);
    const numbers = Array.from({ length: options.hosts }, (_, index) => firstNumber + index);
    const starts = await Promise.allSettled(numbers.map(async (number) => startHost(options.image, number, network)));
    // Not before each has come up or failed can all be found and removed.
    const hosts = starts.map((start) => {
      if (start.status === 'rejected') throw start.reason;
      return start.value;
    });
    await openHosts(hosts, access);
    return labOf(options.name, hosts);
  } catch (error) {
    await stopLab(options.name);
    throw error;
  }
}

/** Finds a lab that runs; `undefined` where there is none of that name. */
export async function findLab(name: string): Promise<Lab | undefined> {
  const hosts = await findHosts(name);
  return hosts.length === 0 ? undefined : labOf(name, hosts);
}

/** Removes everything that a lab of that name has left: hosts, network and files. */
export async function stopLab(name: string): Promise<void> {
  const client = await getContainerRuntimeClient();
  const containers = await client.container.dockerode.listContainers(allOf(name));
  await Promise.all(containers.map(async ({ Id }) => removeContainer(Id)));
  await removeNetwork(name);
  await removeAccess(name);
}

async function startHost(image: string, number: number, network: LabNetwork): Promise<LabHost> {
  const identity = identityOf(number, network);
  const container = await new HostContainer(image, identity, network).start();
  const host = new LabHost(container.getId(), identity);
  await untilBooted(host);
  return host;
}

async function removeContainer(id: string): Promise<void> {
  const client = await getContainerRuntimeClient();
  await client.container.getById(id).remove({ force: true, v: true });
}

async function findHosts(lab: string): Promise<LabHost[]> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const containers = await dockerode.listContainers(allOf(lab));
  const hosts = containers.map(({ Id, Labels }) => new LabHost(Id, identityFrom(Labels)));
  return hosts.toSorted((one, other) => one.name.localeCompare(other.name));
}

function allOf(lab: string) {
  return { all: true, filters: { label: [`${labLabel}=${lab}`] } };
}

function labOf(name: string, hosts: readonly LabHost[]): Lab {
  return {
    ...accessOf(name),
    name,
    prefix: hosts[0]?.address.replace(/\.\d+$/, '') ?? '',
    hosts: new Map(hosts.map((host) => [host.name, host])),
    stop: async () => stopLab(name),
  };
}
