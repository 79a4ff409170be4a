import { DeployError } from '../errors/deploy-error.js';
import { type Room, roomIn } from '../facts/room.js';
import type { Change, Requirement } from './resource.js';

/** Bytes. The copies of what a generation is, and what systemd and dpkg note meanwhile. */
const spare = 256 * 1024;

/** Bytes. haproxy, keepalived and what they depend on, packed and unpacked, on any release. */
const ofPackages = 64 * 1024 * 1024;

/** Files beside those that the run names: their candidates, copies and journal. */
const spareFiles = 64;

const ledgerFolder = '/var/lib/ha-deploy';

/** That the file systems which these changes write to have room for them, so that a full disk is told before anything is changed. */
export function room(changes: readonly Change[]): Requirement {
  const needed = new Map([[ledgerFolder, spare]]);
  const need = (folder: string, bytes: number): void => void needed.set(folder, (needed.get(folder) ?? spare) + bytes);
  for (const { resource, text, action } of changes) {
    const path = /^file:(\/.*)\//.exec(resource)?.[1];
    // A file stands beside its candidate, and a copy of each is kept.
    const bytes = 2 * Buffer.byteLength(text?.after ?? '');
    if (path !== undefined) need(path, bytes);
    need(ledgerFolder, bytes);
    if (resource.startsWith('package:') && action !== 'remove')
      for (const folder of ['/usr', '/var/cache/apt']) needed.set(folder, ofPackages);
  }
  const fact = roomIn([...needed.keys()]);
  return {
    facts: [fact],
    check(host) {
      const narrow = host.get(fact).find((found) => isNarrow(found, needed.get(found.folder) ?? spare));
      if (narrow === undefined) return;
      const { folder, files = 0, bytes } = narrow;
      const isOfFiles = bytes >= (needed.get(folder) ?? spare);
      const left = isOfFiles ? `${files} inodes` : size(bytes);
      const wanted = isOfFiles ? `${spareFiles}` : size(needed.get(folder) ?? spare);
      throw new DeployError(
        'DISK_FULL',
        `${host.node} has ${left} left on the file system of ${folder}, and this run may need ${wanted}`,
        {
          node: host.node,
          hint: `Make room there, then run again: \`df ${isOfFiles ? '-i' : '-h'} ${folder}\` says which file system it is.`,
        },
      );
    },
  };
}

function isNarrow({ bytes, files }: Room, needed: number): boolean {
  return bytes < needed || (files !== undefined && files < spareFiles);
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.round(bytes / 1024 / 1024)} MiB`;
}
