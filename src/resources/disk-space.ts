import { DeployError } from '../errors/deploy-error.js';
import { aptIndex } from '../facts/apt-index.js';
import { type DiskSpace, diskSpaceIn, sizesOf } from '../facts/host/disk-space.js';
import type { Observation } from '../facts/observation.js';
import type { Footprint } from './footprint.js';
import type { Change, Requirement } from './resource.js';

/** Bytes. What a run notes of itself, the ledger's script twice, and what systemd and dpkg write meanwhile. */
const spare = 256 * 1024;

/** Files of the same. */
const spareFiles = 64;

/** Bytes. What `apt-get update` leaves in each of its two folders where it has to fetch all lists: 80 and 91 MiB on Debian 12. */
const ofLists = 100 * 1024 * 1024;

/** Bytes. A manifest has a line for each path, and there are two of them, each with its candidate, a list of sums and what a run may touch. */
const ofNote = (path: string): number => 6 * (Buffer.byteLength(path) + 100);

const ledgerFolder = '/var/lib/ha-deploy';
const aptLists = '/var/lib/apt';
const aptCache = '/var/cache/apt';

interface Need {
  readonly bytes: number;
  readonly files: number;
}

/**
 * That the file systems which a run writes to have room for it, so that a full disk is told before anything is changed.
 * @param footprint all that the ledger keeps a copy of, also of what does not change
 */
export function diskSpaceRequirement(changes: readonly Change[], { paths = [] }: Footprint): Requirement {
  const written = new Map(
    changes.flatMap(({ resource, action, bytes = 0 }): [string, number][] =>
      resource.startsWith('file:') && action !== 'remove' ? [[resource.slice('file:'.length), bytes]] : [],
    ),
  );
  const packages = changes.filter(({ resource, action }) => resource.startsWith('package:') && action !== 'remove');
  const ofPackages = Math.max(0, ...packages.map(({ bytes = 0 }) => bytes));
  const kept = [...new Set([...paths.map(({ path }) => path), ...written.keys()])];
  const folders = new Set([ledgerFolder, ...[...written.keys()].map(folderOf)]);
  for (const folder of packages.length > 0 ? ['/usr', aptLists, aptCache] : []) folders.add(folder);

  const free = diskSpaceIn([...folders]);
  const sizes = sizesOf(kept);
  const index = aptIndex(packages.map(({ resource }) => resource.slice('package:'.length)));

  const needOf = ({ folder, block }: DiskSpace, host: Observation): Need => {
    const whole = (bytes: number): number => Math.ceil(bytes / block) * block;
    let need: Need = { bytes: spare, files: spareFiles };
    const add = (bytes: number, files: number): void =>
      void (need = { bytes: need.bytes + bytes, files: need.files + files });
    // A run that goes back stages what was there beside what it wrote, which takes no more than both.
    for (const [path, bytes] of written) if (folderOf(path) === folder) add(whole(bytes), 1);
    if (folder === ledgerFolder)
      for (const path of kept) {
        const before = host.get(sizes).get(path);
        // What was there before the first run is kept, and what there is after this one.
        for (const bytes of [before, written.get(path) ?? before]) if (bytes !== undefined) add(whole(bytes), 1);
        add(ofNote(path), 0);
      }
    if (folder === '/usr' || folder === aptCache) add(ofPackages, 0);
    // What is fetched for packages is little beside the lists.
    if (folder === aptLists && !host.get(index)) add(ofLists, 0);
    if (folder === aptCache && !host.get(index)) add(Math.max(0, ofLists - ofPackages), 0);
    return need;
  };

  return {
    facts: [free, ...(kept.length > 0 ? [sizes] : []), ...(packages.length > 0 ? [index] : [])],
    check(host) {
      const found = host.get(free);
      for (const { folder, there, device, bytes, files = Infinity } of found) {
        const needs = found.filter((other) => other.device === device).map((other) => needOf(other, host));
        const wanted = needs.reduce((sum, need) => sum + need.bytes, 0);
        const wantedFiles = needs.reduce((sum, need) => sum + need.files, 0);
        if (bytes < wanted) throw full(host.node, { folder, there }, ['-h', size(bytes), size(wanted)]);
        if (files < wantedFiles) throw full(host.node, { folder, there }, ['-i', `${files} inodes`, `${wantedFiles}`]);
      }
    },
  };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function full(
  node: string,
  { folder, there }: Pick<DiskSpace, 'folder' | 'there'>,
  [option, left, wanted]: readonly [string, string, string],
): DeployError {
  const message = `${node} has ${left} left on the file system of ${folder}, and this run may need ${wanted}`;
  const hint = `Make room there, then run again: \`df ${option} ${there}\` says which file system it is.`;
  return new DeployError('DISK_FULL', message, { node, hint });
}

function size(bytes: number): string {
  return bytes < 10 * 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.round(bytes / 1024 / 1024)} MiB`;
}
