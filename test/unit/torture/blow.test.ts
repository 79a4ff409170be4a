import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { blowOf, offSmallDisk, ontoSmallDisk, type ShellFault } from '../../torture/blow.js';

const surroundings = { laptop: '192.168.108.254', peer: '192.168.108.102', smallFolder: '/etc/haproxy' };

const blows: readonly (readonly [ShellFault, string])[] = [
  ['cut-peer', ''],
  ['cut-laptop', ''],
  ['isolate', ''],
  ['link-down', ''],
  ['disk-full', ''],
  ['command-fails', 'mv'],
  ['watch-kill', ''],
  ['daemon-kill', 'haproxy'],
  ['dns-gone', 'refused'],
  ['dns-gone', 'silent'],
];

function parse(script: string): void {
  execFileSync('sh', ['-n'], { input: script });
}

test.each(blows)('a shell understands %s %s', (fault, detail) => {
  const { strike, heal } = blowOf(fault, detail, surroundings);
  expect(() => parse(strike)).not.toThrow();
  if (heal !== undefined) expect(() => parse(heal)).not.toThrow();
  expect(strike).not.toContain('undefined');
});

test('a small disk is put under a folder and taken away', () => {
  expect(() => parse(ontoSmallDisk('/etc/haproxy'))).not.toThrow();
  expect(() => parse(offSmallDisk('/etc/haproxy'))).not.toThrow();
});

test('packets are told by the address, as a number, of who sends them and of who receives them', () => {
  const { strike } = blowOf('cut-peer', '', surroundings);
  expect(strike).toContain("egress bpf direct-action bytecode '4,32 0 0 30,21 0 1 3232263270,");
  expect(strike).toContain("ingress bpf direct-action bytecode '4,32 0 0 26,21 0 1 3232263270,");
});
