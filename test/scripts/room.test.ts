import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeployError } from '../../src/errors/deploy-error.js';
import { diskSpaceIn, sizesOf } from '../../src/facts/host/disk-space.js';
import { Shell } from '../../src/remote/shell.js';
import { diskSpaceRequirement } from '../../src/resources/disk-space.js';
import type { Change } from '../../src/resources/resource.js';
import { cases } from '../support/thoroughness.js';
import { hostWith } from '../unit/facts/support.js';
import { LedgerHost } from './ledger-host.js';

const bytes = fc.oneof(fc.nat(3000), fc.nat(20_000));

/** What is there before the run and what it writes; nothing is nothing. */
const file = fc.record({ before: fc.option(bytes), after: fc.option(bytes) });

interface Room {
  readonly bytes: number;
  readonly files: number;
}

/** What the files below a folder take. */
function taken(folder: string): Room {
  const du = (...words: readonly string[]) =>
    Number.parseInt(execFileSync('du', ['-s', ...words, folder]).toString(), 10);
  return { bytes: du('--block-size=1'), files: du('--inodes') };
}

/** Whether a node with so much left below its ledger is refused, before a run that writes this. */
function isRefused(
  changes: readonly Change[],
  sizes: ReadonlyMap<string, number>,
  paths: readonly string[],
  left: Room,
): boolean {
  const requirement = diskSpaceRequirement(changes, { paths: paths.map((path) => ({ path })) });
  const folders = /^room:(.*)$/.exec(requirement.facts[0]?.id ?? '')?.[1]?.split(',') ?? [];
  const block = statSync('/tmp').blksize;
  const free = (folder: string) =>
    folder === '/var/lib/ha-deploy' ? `${Math.floor(left.bytes / block)} 99999 ${left.files}` : '999999 99999 99999';
  const host = hostWith({
    [diskSpaceIn(folders).id]: folders.map((name, at) => `${at} ${block} ${free(name)} ${name}\t${name}\n`).join(''),
    [sizesOf(paths).id]: [...sizes].map(([path, size]) => `${size} ${path}\n`).join(''),
  });
  try {
    requirement.check(host);
    return false;
  } catch (error) {
    return error instanceof DeployError && error.code === 'DISK_FULL';
  }
}

test('what a run is said to need is at least what its ledger takes when it has written the run down', () => {
  fc.assert(
    fc.property(fc.array(file, { minLength: 40, maxLength: 120 }), (files) => {
      const host = new LedgerHost();
      const paths = files.map((_, index) => host.path(`certificate-of-service-${index}.pem`));
      const lines = paths.map((path) => `path haproxy.service ${path}`);
      const put = (at: number, size: number | null): void => {
        if (size !== null) writeFileSync(paths[at] ?? '', 'x'.repeat(size));
      };
      for (const [at, { before }] of files.entries()) put(at, before);
      const sizes = new Map(
        files.flatMap(({ before }, at): [string, number][] => (before === null ? [] : [[paths[at] ?? '', before]])),
      );
      const changes = files.flatMap(({ after }, at): Change[] =>
        after === null
          ? []
          : [
              {
                resource: `file:${paths[at] ?? ''}`,
                action: 'update',
                summary: '',
                bytes: after,
                interrupts: false,
                step: { script: Shell.literal(':'), failures: {} },
              },
            ],
      );
      const empty = taken(host.state);
      expect(host.take('ours').exitCode).toBe(0);
      expect(host.begin('ours', lines).exitCode).toBe(0);
      for (const [at, { after }] of files.entries()) put(at, after);
      expect(host.record('ours', 1, lines).exitCode).toBe(0);
      const full = taken(host.state);
      const used = { bytes: full.bytes - empty.bytes, files: full.files - empty.files };
      const ample = { bytes: 2 * used.bytes + 512 * 1024, files: 2 * used.files + 64 };
      expect(isRefused(changes, sizes, paths, { ...ample, bytes: used.bytes - 1 })).toBe(true);
      expect(isRefused(changes, sizes, paths, { ...ample, files: used.files - 1 })).toBe(true);
      // Nor is it far more than that: twice, and what is spare.
      expect(isRefused(changes, sizes, paths, ample)).toBe(false);
    }),
    { numRuns: cases(20) },
  );
});
