import { sh } from '../../remote/shell.js';
import { type Fact, unreadable } from '../fact.js';

/** What root can still write to a folder, or to the one that it would be made in. */
export interface DiskSpace {
  readonly folder: string;
  /** The folder, or the nearest above it that is there. */
  readonly there: string;
  /** The number of the device: folders that have it in common share their room. */
  readonly device: string;
  /** Bytes: a file takes a whole number of these. */
  readonly block: number;
  readonly bytes: number;
  /** Files that can still be made; undefined on a file system that has no table of them, such as btrfs. */
  readonly files: number | undefined;
}

/** A folder that is not there yet is made in the nearest that is. */
export function diskSpaceIn(folders: readonly string[]): Fact<readonly DiskSpace[]> {
  return {
    id: `room:${folders.join(',')}`,
    // Device; block size, free blocks, all inodes, free inodes: stat(1).
    command: sh`for folder in ${folders}; do
there=$folder
while [ ! -d "$there" ]; do there=$(dirname "$there"); done
printf '%s %s %s\\t%s\\n' "$(stat --format=%d -- "$there")" "$(stat --file-system --format='%S %f %c %d' -- "$there")" "$folder" "$there"
done`,
    parse: ({ stdout, exitCode }) => {
      const rooms = stdout.split('\n').slice(0, -1).map(parseRoom);
      if (exitCode !== 0 || rooms.length !== folders.length)
        throw unreadable('stat told the room of other folders than it was asked for');
      return rooms;
    },
  };
}

function parseRoom(line: string): DiskSpace {
  const found = /^(\d{1,20}) (\d{1,15}) (\d{1,15}) (\d{1,20}) (\d{1,20}) (\/.*)\t(\/.*)$/.exec(line);
  const [, device = '', size, blocks, inodes, free, folder = '', there = ''] = found ?? [];
  if (found === null) throw unreadable('stat printed something else than numbers of a file system');
  const block = Number(size);
  const files = inodes === '0' ? undefined : Number(free);
  return { folder, there, device, block, bytes: block * Number(blocks), files };
}

/** How many bytes there are in each of these files; one that is not there is absent from the map. */
export function sizesOf(paths: readonly string[]): Fact<ReadonlyMap<string, number>> {
  return {
    id: `sizes:${paths.join(',')}`,
    // Exit code 1: one of them is not there; the others are printed all the same.
    command: sh`stat --format='%s %n' -- ${paths}`,
    parse: ({ stdout }) => new Map(stdout.split('\n').slice(0, -1).map(parseSize)),
  };
}

function parseSize(line: string): [string, number] {
  const [, bytes, path] = /^(\d{1,15}) (\/.*)$/.exec(line) ?? [];
  if (bytes === undefined || path === undefined)
    throw unreadable('stat printed something else than the size of a file');
  return [path, Number(bytes)];
}
