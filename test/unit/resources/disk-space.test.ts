import { describe, expect, test } from 'vitest';
import { Shell } from '../../../src/remote/shell.js';
import { diskSpaceRequirement } from '../../../src/resources/disk-space.js';
import type { Action, Change } from '../../../src/resources/resource.js';
import { hostWith, printed } from '../facts/support.js';

function change(resource: string, action: Action, bytes?: number): Change {
  const step = { script: Shell.literal(':'), failures: {} };
  return { resource, action, summary: '', interrupts: false, step, ...(bytes !== undefined && { bytes }) };
}

interface Node {
  /** KiB and files that are free in a folder, on which device, and where it would be made; there is plenty in others. */
  readonly free: Readonly<Record<string, readonly [kib: number, files: number, device?: number, there?: string]>>;
  /** Bytes of the files that are there. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Whether apt has to fetch its lists first. */
  readonly withoutIndex?: boolean;
}

function refusal(changes: readonly Change[], { free, sizes = {}, withoutIndex = false }: Node): unknown {
  const kept = Object.keys(sizes).map((path) => ({ path }));
  const requirement = diskSpaceRequirement(changes, { paths: kept });
  const answers = requirement.facts.map(({ id }) => {
    const [kind = '', names = ''] = id.split(/:(.*)/);
    if (kind === 'apt-index') return [id, printed('', withoutIndex ? 100 : 0)] as const;
    const lines = names.split(',').flatMap((name, index) => {
      if (kind === 'sizes') return sizes[name] === undefined ? [] : [`${sizes[name]} ${name}\n`];
      const [kib, files, device = 90 + index, there = name] = free[name] ?? [1_000_000, 9999];
      return [`${device} 4096 ${kib / 4} 9999 ${files} ${name}\t${there}\n`];
    });
    return [id, printed(lines.join(''))] as const;
  });
  try {
    requirement.check(hostWith(Object.fromEntries(answers)));
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

const config = '/etc/haproxy/haproxy.cfg';
const edit = change(`file:${config}`, 'update', 100 * 1024);
/** KiB. What the manifests and the sums say of it. */
const note = 4;

/** A hundred services, each with a certificate of a few bytes. */
const certificates = Array.from({ length: 100 }, (_, index) => `/etc/haproxy/tls/${index}.pem`);
const created = certificates.map((path) => change(`file:${path}`, 'create', 1700));

const packages = change('package:haproxy', 'create', 64 * 1024 * 1024);
const unpacked = change('package:haproxy', 'create', 0);

test.each([
  ['the folder of a file that does not fit', [edit], '/etc/haproxy', 356],
  ['whole blocks, however small the files are', created, '/etc/haproxy/tls', 656],
  ['the copies that are kept', [edit], '/var/lib/ha-deploy', 356 + note],
  ['what is noted where no file is written', [change('unit:haproxy.service', 'reload')], '/var/lib/ha-deploy', 256],
  ['packages', [packages], '/usr', 65_792],
  ['packages that are downloaded', [packages], '/var/cache/apt', 65_792],
] as const)('%s', (_, changes, folder, enough) => {
  expect(refusal(changes, { free: { [folder]: [enough - 4, 999] } })).toMatchObject({
    code: 'DISK_FULL',
    details: { node: 'lb-1', hint: expect.stringContaining(`df -h ${folder}`) as string },
  });
  expect(refusal(changes, { free: { [folder]: [enough, 999] } })).toBeUndefined();
});

describe('a generation', () => {
  const sizes = Object.fromEntries(certificates.map((path) => [path, 1700]));

  test('has a copy of every file, whatever changes, and so may what was there before the first run', () => {
    const changes = [change('file:/etc/keepalived/keepalived.conf', 'update', 10)];
    const free = (kib: number) => ({ sizes, free: { '/var/lib/ha-deploy': [kib, 999] } }) as const;
    expect(refusal(changes, free(800 + 256))).toMatchObject({ code: 'DISK_FULL' });
    expect(refusal(changes, free(800 + 256 + 80))).toBeUndefined();
  });

  test('is written by a node that has nothing else to do as well', () => {
    expect(refusal([], { sizes, free: { '/var/lib/ha-deploy': [800 + 256, 999] } })).toMatchObject({
      code: 'DISK_FULL',
    });
  });

  test('takes inodes', () => {
    const free = (files: number) => ({ sizes, free: { '/var/lib/ha-deploy': [10_000, files] } }) as const;
    expect(refusal([], free(263))).toMatchObject({
      code: 'DISK_FULL',
      message: 'lb-1 has 263 inodes left on the file system of /var/lib/ha-deploy, and this run may need 264',
      details: { hint: expect.stringContaining('df -i /var/lib/ha-deploy') as string },
    });
    expect(refusal([], free(264))).toBeUndefined();
  });
});

test('what folders of one file system need adds up', () => {
  const both = (kib: number) =>
    ({ free: { '/etc/haproxy': [kib, 999, 8], '/var/lib/ha-deploy': [kib, 999, 8] } }) as const;
  expect(refusal([edit], both(712))).toMatchObject({
    code: 'DISK_FULL',
    message: 'lb-1 has 712 KiB left on the file system of /var/lib/ha-deploy, and this run may need 713 KiB',
  });
  expect(refusal([edit], both(716))).toBeUndefined();
});

test('a folder that is to be made is shown by the one that is there', () => {
  const free = { '/var/lib/ha-deploy': [0, 0, 8, '/var/lib'] } as const;
  expect(refusal([edit], { free })).toMatchObject({
    message: expect.stringContaining('on the file system of /var/lib/ha-deploy,') as string,
    details: { hint: expect.stringContaining('`df -h /var/lib`') as string },
  });
});

test('a folder that nothing is written to is not asked about', () => {
  const free = { '/etc/keepalived': [0, 0], '/usr': [0, 0] } as const;
  expect(refusal([edit], { free })).toBeUndefined();
  expect(refusal([change('package:haproxy', 'remove')], { free })).toBeUndefined();
});

describe('packages', () => {
  const lists = (kib: number) => ({ '/var/lib/apt': [kib, 999, 8], '/var/cache/apt': [kib, 999, 8] }) as const;
  const mib = 1024;

  test('that apt has no lists of need room for those', () => {
    expect(refusal([packages], { free: lists(200 * mib), withoutIndex: true })).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/200 MiB left on the file system of \/var\/(lib|cache)\/apt/) as string,
    });
    expect(refusal([packages], { free: lists(65 * mib) })).toBeUndefined();
    expect(refusal([packages], { free: lists(201 * mib), withoutIndex: true })).toBeUndefined();
  });

  test('that have only to be configured are not fetched', () => {
    const free = { ...lists(600), '/usr': [300, 999] } as const;
    expect(refusal([unpacked], { free })).toBeUndefined();
    expect(refusal([unpacked, packages], { free })).toMatchObject({ code: 'DISK_FULL' });
  });
});
