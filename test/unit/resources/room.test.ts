import { expect, test } from 'vitest';
import { Shell } from '../../../src/remote/shell.js';
import type { Action, Change } from '../../../src/resources/resource.js';
import { room } from '../../../src/resources/room.js';
import { hostWith } from '../facts/support.js';

function change(resource: string, action: Action, after?: string): Change {
  const step = { script: Shell.literal(':'), failures: {} };
  return {
    resource,
    action,
    summary: '',
    interrupts: false,
    step,
    ...(after !== undefined && { text: { before: '', after } }),
  };
}

/** KiB and files that are free in each folder that is asked about, and on which device; there is plenty in others. */
function refusal(
  changes: readonly Change[],
  free: Readonly<Record<string, readonly [kib: number, files: number, device?: number]>>,
): unknown {
  const requirement = room(changes);
  const [{ id } = { id: '' }] = requirement.facts;
  const lines = id
    .slice('room:'.length)
    .split(',')
    .map(
      (folder, index) =>
        `${free[folder]?.[2] ?? `9${index}`} 1024 ${free[folder]?.[0] ?? 999_999} 9999 ${free[folder]?.[1] ?? 999} ${folder}\n`,
    );
  try {
    requirement.check(hostWith({ [id]: lines.join('') }));
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

const edit = change('file:/etc/haproxy/haproxy.cfg', 'update', 'x'.repeat(100 * 1024));

test.each([
  ['the folder of a file that does not fit, with its candidate', [edit], '/etc/haproxy', 455],
  ['the copies that are kept', [edit], '/var/lib/ha-deploy', 455],
  ['what is noted where no file is written', [change('unit:haproxy.service', 'reload')], '/var/lib/ha-deploy', 255],
  ['packages', [change('package:haproxy', 'create')], '/usr', 65_535],
  ['packages that are downloaded', [change('package:haproxy', 'create')], '/var/cache/apt', 65_535],
] as const)('%s', (_, changes, folder, tooFew) => {
  expect(refusal(changes, { [folder]: [tooFew, 999] })).toMatchObject({
    code: 'DISK_FULL',
    details: { node: 'lb-1', hint: expect.stringContaining(`df -h ${folder}`) as string },
  });
  expect(refusal(changes, { [folder]: [tooFew + 1, 999] })).toBeUndefined();
});

test('inodes', () => {
  expect(refusal([edit], { '/etc/haproxy': [999_999, 3] })).toMatchObject({
    code: 'DISK_FULL',
    message: 'lb-1 has 3 inodes left on the file system of /etc/haproxy, and this run may need 64',
    details: { hint: expect.stringContaining('df -i /etc/haproxy') as string },
  });
});

test('what folders of one file system need adds up', () => {
  const both = (kib: number) => ({ '/etc/haproxy': [kib, 999, 8], '/var/lib/ha-deploy': [kib, 999, 8] }) as const;
  expect(refusal([edit], both(911))).toMatchObject({
    code: 'DISK_FULL',
    message: 'lb-1 has 911 KiB left on the file system of /var/lib/ha-deploy, and this run may need 912 KiB',
  });
  expect(refusal([edit], both(912))).toBeUndefined();
});

test('a folder that nothing is written to is not asked about', () => {
  expect(refusal([edit], { '/etc/keepalived': [0, 0], '/usr': [0, 0] })).toBeUndefined();
  expect(refusal([change('package:haproxy', 'remove')], { '/usr': [0, 0] })).toBeUndefined();
});
