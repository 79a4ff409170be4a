import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addressKeeper } from '../../../playbooks/known-addresses.js';
import { paths } from '../../../playbooks/paths.js';
import { hostWith, printed } from '../facts/support.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ha-deploy-addresses-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** The script as the host is given it, with the paths of this folder. */
async function keeper(): Promise<string> {
  const [change] = addressKeeper().plan(hostWith({ [`file:${paths.addressKeeper}`]: printed('') }));
  const program = join(folder, 'keeper');
  const text = (change?.text?.after ?? '')
    .replace('/run/haproxy/admin.sock', join(folder, 'admin.sock'))
    .replace(paths.haproxyConfig, join(folder, 'haproxy.cfg'))
    .replace(paths.knownAddresses, join(folder, 'known'));
  await writeFile(program, text);
  return program;
}

async function kept(): Promise<string> {
  await promisify(execFile)('perl', [await keeper()]);
  return readFile(join(folder, 'known'), 'utf8');
}

const config = `global
backend web
    default-server inter 2000ms
    server a a.example.com:80 check init-addr last,none resolvers ha-deploy
    server moved moved.example.com:81 check init-addr last,none resolvers ha-deploy
    server other new.example.com:80 check init-addr last,none resolvers ha-deploy
    server lost lost.example.com:80 check init-addr last,none resolvers ha-deploy
    server hosts hosts:80 check init-addr last,libc,none
    server ip 192.0.2.9:80 check
backend api
    server a a.example.com:80 check init-addr last,none resolvers ha-deploy
`;

/** As HAProxy 2.6 prints it. */
const line = (backend: string, server: string, address: string, name: string, port = 80, admin = 0) =>
  `3 ${backend} 1 ${server} ${address} 2 ${admin} 1 1 3 6 3 4 6 0 0 0 ${name} ${port} - 0 0 - - 0\n`;

test('addresses of the DNS are kept for servers that have their name and port still, and nothing else is', async () => {
  await writeFile(join(folder, 'haproxy.cfg'), config);
  const state = [
    '1\n# be_id be_name srv_id srv_name srv_addr …\n',
    line('web', 'a', '192.0.2.1', 'a.example.com', 80, 1),
    line('web', 'moved', '192.0.2.2', 'moved.example.com'),
    line('web', 'other', '192.0.2.3', 'old.example.com'),
    line('web', 'lost', '-', 'lost.example.com', 80, 32),
    line('web', 'hosts', '192.0.2.5', 'hosts'),
    line('web', 'ip', '192.0.2.6', '-'),
    line('gone', 'a', '192.0.2.7', 'a.example.com'),
    line('api', 'a', '192.0.2.8', 'a.example.com'),
  ];
  const haproxy = createServer((client) => client.once('data', () => client.end(state.join('')))).listen(
    join(folder, 'admin.sock'),
  );
  await once(haproxy, 'listening');
  try {
    expect(await kept()).toBe(
      `1\n${line('web', 'a', '192.0.2.1', 'a.example.com')}${line('api', 'a', '192.0.2.8', 'a.example.com')}`,
    );
  } finally {
    haproxy.close();
  }
});

test('an HAProxy that does not answer leaves the addresses that it had, of servers that there still are', async () => {
  await writeFile(join(folder, 'haproxy.cfg'), config);
  const a = line('web', 'a', '192.0.2.1', 'a.example.com');
  await writeFile(join(folder, 'known'), `1\n${a}${line('gone', 'a', '192.0.2.7', 'a.example.com')}`);
  expect(await kept()).toBe(`1\n${a}`);
  await rm(join(folder, 'known'));
  expect(await kept()).toBe('1\n');
  expect(await readdir(folder)).not.toContain('known.new');
});
