import { DeployError } from '../errors/deploy-error.js';
import { roomIn } from '../facts/room.js';
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
      const found = host.get(fact);
      for (const { folder, device, bytes, files = Infinity } of found) {
        const sharing = found.filter((other) => other.device === device);
        const wanted = sharing.reduce((sum, other) => sum + (needed.get(other.folder) ?? spare), 0);
        if (bytes < wanted) throw full(host.node, folder, ['-h', size(bytes), size(wanted)]);
        if (files < spareFiles) throw full(host.node, folder, ['-i', `${files} inodes`, `${spareFiles}`]);
      }
    },
  };
}

function full(node: string, folder: string, [option, left, wanted]: readonly [string, string, string]): DeployError {
  const message = `${node} has ${left} left on the file system of ${folder}, and this run may need ${wanted}`;
  const hint = `Make room there, then run again: \`df ${option} ${folder}\` says which file system it is.`;
  return new DeployError('DISK_FULL', message, { node, hint });
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.round(bytes / 1024 / 1024)} MiB`;
}
