import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { roomIn } from '../../../src/facts/room.js';
import { captured, capturesOf, namesOf, printed } from './support.js';

const fact = roomIn(['/etc/haproxy', '/etc/systemd/system/new.d', '/mnt']);

const table = [
  [
    'room/bookworm-one-full',
    [
      { folder: '/etc/haproxy', device: '43', bytes: 59_511_611 * 4096, files: 16_263_823 },
      { folder: '/etc/systemd/system/new.d', device: '43', bytes: 59_511_609 * 4096, files: 16_263_823 },
      { folder: '/mnt', device: '148', bytes: 0, files: 3_085_508 },
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
  const [room] = roomIn(['/etc']).parse(printed('65 4096 10 0 0 /etc\n'));
  expect(room).toEqual({ folder: '/etc', device: '65', bytes: 40_960, files: undefined });
});

test.each(['', '65 4096 1 1 1 /etc/haproxy\n', '65 4096 ? 1 1 /etc/haproxy\n'.repeat(3)])(
  'cannot read %j',
  (stdout) => {
    expect(() => fact.parse(printed(stdout))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  },
);

test('asks about the nearest folder that is there', () => {
  const folders = ['/', "/proc/not there/nor 'this'"];
  const asked = roomIn(folders);
  const stdout = execFileSync('sh', ['-c', asked.command.reveal()], { encoding: 'utf8' });
  const [root, proc] = asked.parse(printed(stdout));
  expect([root?.folder, proc?.folder]).toEqual(folders);
  expect(root?.bytes).toBeGreaterThan(0);
  // As every file system that is no disk: statfs(2).
  expect(proc).toMatchObject({ bytes: 0, files: undefined });
});
