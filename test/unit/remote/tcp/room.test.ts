import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ownRoom } from '../../../../src/remote/tcp/room.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A /proc of a process with three open files. */
function proc(limits: string, range: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'proc-'));
  folders.push(folder);
  mkdirSync(join(folder, 'self/fd'), { recursive: true });
  mkdirSync(join(folder, 'sys/net/ipv4'), { recursive: true });
  for (const fd of ['0', '1', '2']) writeFileSync(join(folder, 'self/fd', fd), '');
  writeFileSync(join(folder, 'self/limits'), limits);
  writeFileSync(join(folder, 'sys/net/ipv4/ip_local_port_range'), range);
  return folder;
}

const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             31503                31503                processes \nMax open files            ${soft.padEnd(20)} 524288               files     \n`;

describe('what this process may still open', () => {
  test('is what its soft limit leaves, and the ports for outgoing connections', () => {
    expect(ownRoom(proc(limits('1024'), '32768\t60999\n'))).toEqual({
      files: { left: 1021, limit: 1024 },
      ports: 28_232,
    });
  });

  test('may have no limit', () => {
    expect(ownRoom(proc(limits('unlimited'), '1024\t65535\n'))?.files.left).toBe(Infinity);
  });

  test.each([
    ['no limits', proc('', '32768\t60999\n')],
    ['no range', proc(limits('1024'), '')],
    ['no /proc', '/nowhere'],
  ])('is not known where there is %s', (_, folder) => {
    expect(ownRoom(folder)).toBeUndefined();
  });

  test.runIf(process.platform === 'linux')('is told by this kernel', () => {
    const room = ownRoom();
    expect(room?.files.left).toBeGreaterThan(0);
    expect(room?.ports).toBeGreaterThan(0);
  });
});
