import { cpSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ledger } from '../../src/facts/ledger/ledger.js';
import { printed } from '../unit/facts/support.js';
import { LedgerHost, prepared } from './ledger-host.js';

const tree = fileURLToPath(new URL('../fixtures/ledger-trees/before-runs', import.meta.url));

/** Where a path of the recorded host is in the folder that stands for it. */
function placeOf(host: LedgerHost, path: string): string {
  const daemon = /^\/etc\/(?:haproxy|keepalived)\/(haproxy\.cfg|keepalived\.conf)$/.exec(path)?.[1];
  return host.path(daemon ?? path.slice(1).replaceAll('/', '-'));
}

function kept(host: LedgerHost, generation: number, path: string): string {
  const number = new RegExp(`^path \\S+ (\\d+) ${path}$`, 'm').exec(
    readFileSync(join(tree, `generations/${generation}/manifest`), 'utf8'),
  )?.[1];
  return readFileSync(join(host.state, `generations/${generation}/files/${number}`), 'utf8');
}

const haproxy = '/etc/haproxy/haproxy.cfg';
const keepalived = '/etc/keepalived/keepalived.conf';

/** Such a host in the middle of a run that has changed its advert interval, and was killed; the node stands back. */
const recorded = prepared(() => {
  const host = new LedgerHost();
  rmSync(host.state, { recursive: true });
  cpSync(tree, host.state, { recursive: true, verbatimSymlinks: true });
  for (const generation of [0, 1, 2]) {
    const manifest = `state/generations/${generation}/manifest`;
    host.write(
      manifest,
      host
        .read(manifest)
        .replaceAll(/^(path \S+ \S+) (.*)$/gm, (_, head: string, path: string) => `${head} ${placeOf(host, path)}`),
    );
  }
  for (const [, number, path = ''] of host.read('state/generations/2/manifest').matchAll(/^path \S+ (\d+) (.*)$/gm))
    cpSync(join(host.state, `generations/2/files/${number}`), path);
  host.daemon('haproxy', kept(host, 2, haproxy));
  host.daemon(
    'keepalived',
    kept(host, 2, keepalived)
      .replaceAll(/advert_int 1$/gm, 'advert_int 0.1')
      .replace(/-[0-9a-f]{8}$/m, '-bbbbbbbb'),
  );
  host.write('proc/net/placeholder', '');
  mkdirSync(join(host.folder, 'proc/net/ipv4'), { recursive: true });
  host.write('proc/net/ipv4/ip_nonlocal_bind', '1\n');
  for (const name of ['haproxy', 'keepalived']) host.write(`packages/${name}`, 'installed');
  host.write('flags/maintenance', '1\n');
  host.write('flags/standing-back', '');
  mkdirSync(host.runtime);
  return host;
});

const names = (host: LedgerHost) => [
  `path haproxy.service ${host.path('haproxy.cfg')}`,
  `path keepalived.service ${host.path('keepalived.conf')}`,
  'unit haproxy.service',
  'unit keepalived.service',
];

test('a node of an earlier version is read, and its lost run known', () => {
  const host = recorded();
  host.program('ask', ledger.command.reveal().replaceAll('/var/lib/ha-deploy', host.state));
  const stdout = host.run('', 'eval', 'ask').lines.join('\n').replaceAll(host.state, '/var/lib/ha-deploy');
  expect(ledger.parse(printed(`${stdout}\n`))).toMatchObject({
    unfinished: true,
    generation: { id: 2, run: expect.stringContaining('k8s-api anna@laptop') as string },
  });
});

test('a lost run of an earlier version is finished by the next', () => {
  const host = recorded();
  expect(host.take('next')).toEqual({ exitCode: 0, lines: [] });
  expect(host.begin('next', names(host), '100')).toEqual({ exitCode: 0, lines: [] });
  expect(host.run('', 'take_part', '-', 'bbbbbbbb').exitCode).toBe(0);
  expect(host.confirm('next', 3, names(host))).toEqual({ exitCode: 0, lines: [] });
  expect(readlinkSync(join(host.state, 'current'))).toBe('generations/3');
  expect(host.read('flags/maintenance')).toBe('0\n');
  expect(existsSync(join(host.state, 'uncommitted'))).toBe(false);
});

test('a lost run of an earlier version is undone by the next, and the node takes part again', () => {
  const host = recorded();
  host.take('next');
  host.begin('next', names(host), '100');
  expect(host.run('', 'undo', 'next').exitCode).toBe(0);
  expect(readFileSync(host.path('keepalived.conf'), 'utf8')).toBe(kept(host, 2, keepalived));
  expect(host.read('units/keepalived.service/runs')).toBe(kept(host, 2, keepalived));
  expect(host.read('flags/maintenance')).toBe('0\n');
  expect(host.read('systemctl.log')).not.toMatch(/restart|stop/);
});

test('a lost run of an earlier version is undone at boot', () => {
  const host = recorded();
  rmSync(join(host.folder, 'flags'), { recursive: true });
  expect(host.run('', 'boot').exitCode).toBe(0);
  expect(readFileSync(host.path('keepalived.conf'), 'utf8')).toBe(kept(host, 2, keepalived));
  expect(existsSync(join(host.state, 'uncommitted'))).toBe(false);
});

test('a copy of a generation of an earlier version can be gone back to', () => {
  const host = recorded();
  host.take('next');
  host.begin('next', names(host), '100');
  expect(host.copy('next', 3, 2).exitCode).toBe(0);
  host.take('later');
  host.begin('later', names(host), '100');
  expect(host.run('', 'turn_back', 'later').exitCode).toBe(0);
  expect(host.run('', 'undo', 'later').exitCode).toBe(0);
  expect(readlinkSync(join(host.state, 'current'))).toBe('generations/3');
});

test('a generation of an earlier version can be gone back to', () => {
  const host = recorded();
  host.take('next');
  host.begin('next', names(host), '100');
  expect(host.run('', 'check', '1').exitCode).toBe(0);
  expect(host.run('', 'go', '1').exitCode).toBe(0);
  expect(readFileSync(host.path('haproxy.cfg'), 'utf8')).toBe(kept(host, 1, haproxy));
});
