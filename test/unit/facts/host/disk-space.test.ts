import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { diskSpaceIn, sizesOf } from '../../../../src/facts/host/disk-space.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const fact = diskSpaceIn(['/etc/haproxy', '/etc/systemd/system/new.d', '/mnt']);

const disk = { block: 4096, files: 16_260_924 };

const table = [
  [
    'room/bookworm-one-full',
    [
      { folder: '/etc/haproxy', there: '/etc/haproxy', device: '56', ...disk, bytes: 59_503_675 * 4096 },
      {
        folder: '/etc/systemd/system/new.d',
        there: '/etc/systemd/system',
        device: '56',
        ...disk,
        bytes: 59_503_674 * 4096,
      },
      { folder: '/mnt', there: '/mnt', device: '96', block: 4096, bytes: 0, files: 3_085_508 },
    ],
  ],
] as const;

test.each(table)('%s', (name, expected) => {
  expect(fact.parse(captured(name))).toEqual(expected);
});

test('every capture is tested', () => {
  expect(namesOf(table)).toEqual(capturesOf('room'));
});

test('a file system without inodes of its own has no end of them', () => {
  const [room] = diskSpaceIn(['/etc']).parse(printed('65 4096 10 0 0 /etc\t/etc\n'));
  expect(room).toEqual({ folder: '/etc', there: '/etc', device: '65', block: 4096, bytes: 40_960, files: undefined });
});

test.each(['', '65 4096 1 1 1 /etc/haproxy\t/etc\n', '65 4096 ? 1 1 /etc/haproxy\t/etc\n'.repeat(3)])(
  'cannot read %j',
  (stdout) => {
    expect(() => fact.parse(printed(stdout))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  },
);

test('asks about the nearest folder that is there', () => {
  const folders = ['/', "/proc/not there/nor 'this'"];
  const asked = diskSpaceIn(folders);
  const stdout = execFileSync('sh', ['-c', asked.command.reveal()], { encoding: 'utf8' });
  const [root, proc] = asked.parse(printed(stdout));
  expect([root?.folder, proc?.folder]).toEqual(folders);
  expect(root?.bytes).toBeGreaterThan(0);
  // As every file system that is no disk: statfs(2).
  expect(proc).toMatchObject({ there: '/proc', bytes: 0, files: undefined });
});

const sizes = [
  [
    'sizes/bookworm-some-missing',
    [
      ['/etc/hostname', 9],
      // A link is kept as one.
      ['/etc/mtab', 19],
      ['/etc/haproxy', 4096],
    ],
  ],
] as const;

test.each(sizes)('%s', (name, expected) => {
  expect([...sizesOf([]).parse(captured(name, 1))]).toEqual(expected);
});

test('every capture of sizes is tested', () => {
  expect(namesOf(sizes)).toEqual(capturesOf('sizes'));
});

test('cannot read sizes that are none', () => {
  expect(() => sizesOf(['/etc/hosts']).parse(printed('many /etc/hosts\n'))).toThrow(
    expect.objectContaining({ code: 'FACT_UNREADABLE' }),
  );
});
