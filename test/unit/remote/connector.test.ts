import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SshTarget } from '../../../src/cluster/cluster.js';
import { type SshConnectorOptions, sshConnector } from '../../../src/remote/connector.js';
import type { Runner } from '../../../src/remote/runner.js';
import { sh } from '../../../src/remote/shell.js';
import { KeyFolder, type KeyPair, keygen } from '../../support/ssh/keys.js';
import { portOf, TestServer, type TestServerOptions } from '../../support/ssh/server.js';
import { nodeAt } from '../../support/ssh/target.js';

const folder = new KeyFolder();
let hostKey: KeyPair;
let rsaHostKey: KeyPair;
let identity: KeyPair;
let stranger: KeyPair;
const knownHosts = folder.file('known_hosts');
const never = new AbortController().signal;

beforeAll(() => {
  hostKey = folder.key('host');
  rsaHostKey = folder.key('host_rsa', 'rsa');
  identity = folder.key('identity');
  stranger = folder.key('stranger');
});

/** A text that has `text` in it; of a type that may stand anywhere. */
function containing(text: string): unknown {
  return expect.stringContaining(text);
}

const servers: TestServer[] = [];
const runners: Runner[] = [];
afterEach(async () => {
  for (const runner of runners.splice(0)) runner.close();
  await Promise.all(servers.splice(0).map(async (server) => server.stop()));
});
afterAll(() => folder.remove());

async function start(options: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const server = await TestServer.start({
    hostKeys: [hostKey.privateKey],
    authorized: [identity.publicKey],
    ...options,
  });
  servers.push(server);
  return server;
}

function know(port: number, publicKey: string, marker = ''): void {
  writeFileSync(knownHosts, `${marker}[127.0.0.1]:${port} ${publicKey}\n`);
}

async function connect(
  port: number,
  target: Partial<SshTarget> = {},
  { signal = never, ...options }: Partial<SshConnectorOptions> & { signal?: AbortSignal } = {},
): Promise<Runner> {
  const connector = sshConnector({ env: {}, home: folder.path, connectTimeoutMs: 5_000, ...options });
  const runner = await connector.connect(nodeAt({ port, knownHosts, identityFile: identity.path, ...target }), signal);
  runners.push(runner);
  return runner;
}

describe('connecting', () => {
  it('costs one connection, and one signed request to log in', async () => {
    const server = await start();
    know(server.port, hostKey.publicKey);
    const counted: string[] = [];
    const runner = await connect(
      server.port,
      {},
      { onConnect: (node) => counted.push(node), onExec: (node) => counted.push(`${node} exec`) },
    );
    await runner.observe([{ id: 'a', command: sh`true` }], never);
    expect(counted).toEqual(['node-101', 'node-101 exec']);
    expect(server.attempts).toEqual(['publickey signed']);
  });

  it('works with an RSA key, and asks for the type of host key that is known', async () => {
    const server = await start({
      hostKeys: [hostKey.privateKey, rsaHostKey.privateKey],
      authorized: [rsaHostKey.publicKey],
    });
    know(server.port, rsaHostKey.publicKey);
    await connect(server.port, { identityFile: rsaHostKey.path });
    expect(server.attempts).toEqual(['publickey signed']);
  });
});

describe('the key of a host', () => {
  it('that is not known is refused, with the command to trust it', async () => {
    const server = await start();
    writeFileSync(knownHosts, '');
    const print = keygen(['-l', '-f', `${hostKey.path}.pub`]).split(' ')[1];
    await expect(connect(server.port)).rejects.toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      message: `the host key of 127.0.0.1:${server.port} is not known: ssh-ed25519 ${print}`,
      details: {
        node: 'node-101',
        hint: containing(`ssh-keyscan -t ed25519 -p ${server.port} 127.0.0.1 >> ${knownHosts}`),
      },
    });
    expect(server.attempts).toEqual([]);
  });

  it('that has changed is refused, with the line that says otherwise', async () => {
    const server = await start();
    know(server.port, stranger.publicKey);
    await expect(connect(server.port, { hostKeys: 'accept-new' })).rejects.toMatchObject({
      code: 'HOST_KEY_CHANGED',
      message: containing(`${knownHosts}:1`),
      details: { hint: containing(`ssh-keygen -R '[127.0.0.1]:${server.port}' -f ${knownHosts}`) },
    });
    expect(server.attempts).toEqual([]);
  });

  it('that is revoked is refused', async () => {
    const server = await start();
    know(server.port, hostKey.publicKey, '@revoked ');
    await expect(connect(server.port)).rejects.toMatchObject({ code: 'HOST_KEY_REVOKED' });
  });

  it('that is new is written down where that was asked for, once', async () => {
    const server = await start();
    writeFileSync(knownHosts, '');
    await connect(server.port, { hostKeys: 'accept-new' });
    await connect(server.port);
    expect(keygen(['-F', `[127.0.0.1]:${server.port}`, '-f', knownHosts])).toContain(hostKey.publicKey);
    expect(readFileSync(knownHosts, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('is not trusted where it cannot be written down', async () => {
    const server = await start();
    writeFileSync(folder.file('blocked'), '');
    await expect(
      connect(server.port, { hostKeys: 'accept-new', knownHosts: folder.file('blocked/known_hosts') }),
    ).rejects.toMatchObject({ code: 'KNOWN_HOSTS_UNREADABLE' });
    expect(server.attempts).toEqual([]);
  });
});

describe('logging in', () => {
  it('fails with what was offered', async () => {
    const server = await start();
    know(server.port, hostKey.publicKey);
    await expect(connect(server.port, { identityFile: stranger.path })).rejects.toMatchObject({
      code: 'AUTH_REFUSED',
      details: {
        output: containing('offered: ssh-ed25519 SHA256:'),
        hint: containing('publickey'),
      },
    });
  });

  it('fails before anything is offered where the key is encrypted, or may be read by others', async () => {
    const server = await start();
    know(server.port, hostKey.publicKey);
    const encrypted = folder.key('encrypted', 'ed25519', 'passphrase');
    await expect(connect(server.port, { identityFile: encrypted.path })).rejects.toMatchObject({
      code: 'IDENTITY_UNUSABLE',
      details: { hint: containing(`ssh-add ${encrypted.path}`) },
    });
    const exposed = folder.key('exposed');
    chmodSync(exposed.path, 0o644);
    await expect(connect(server.port, { identityFile: exposed.path })).rejects.toMatchObject({
      code: 'IDENTITY_UNUSABLE',
    });
    writeFileSync(folder.file('garbage'), '-----BEGIN PRIVATE KEY-----\n', { mode: 0o600 });
    await expect(connect(server.port, { identityFile: folder.file('garbage') })).rejects.toMatchObject({
      code: 'IDENTITY_UNUSABLE',
    });
    expect(server.attempts).toEqual([]);
  });
});

describe('an agent', () => {
  const socket = folder.file('agent');
  let agent: ChildProcess;
  let loaded: KeyPair;
  let other: KeyPair;

  beforeAll(async () => {
    agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    // It says where it listens when it does.
    if (agent.stdout !== null) await once(agent.stdout, 'data');
    [loaded, other] = [folder.key('loaded'), folder.key('other')];
    execFileSync('ssh-add', ['-q', other.path, loaded.path], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    keygen(['-q', '-p', '-N', 'passphrase', '-f', loaded.path]);
  });
  afterAll(() => agent.kill());

  async function connectByAgent(
    target: Partial<SshTarget>,
    authorized: readonly KeyPair[],
    at = socket,
  ): Promise<TestServer> {
    const server = await start({ authorized: authorized.map(({ publicKey }) => publicKey) });
    know(server.port, hostKey.publicKey);
    await connect(server.port, { identityFile: undefined, ...target }, { env: { SSH_AUTH_SOCK: at } });
    return server;
  }

  it('offers its keys, one at a time', async () => {
    const server = await connectByAgent({}, [loaded]);
    expect(server.attempts).toEqual(['publickey', 'publickey', 'publickey signed']);
  });

  it('signs for an encrypted key file, and offers no other of its keys', async () => {
    const server = await connectByAgent({ identityFile: loaded.path }, [loaded]);
    expect(server.attempts).toEqual(['publickey', 'publickey signed']);
    await expect(connectByAgent({ identityFile: `${loaded.path}.pub` }, [other])).rejects.toMatchObject({
      code: 'AUTH_REFUSED',
      details: { output: containing(`(${loaded.path}.pub)`) },
    });
  });

  it('that does not have the key is an error that names it', async () => {
    const absent = folder.key('absent', 'ed25519', 'passphrase');
    await expect(connectByAgent({ identityFile: absent.path }, [absent])).rejects.toMatchObject({
      code: 'IDENTITY_UNUSABLE',
      details: { hint: containing(`ssh-add ${absent.path}`) },
    });
  });

  it('that is not there is passed over where there is something else to offer', async () => {
    const home = new KeyFolder();
    mkdirSync(home.file('.ssh'));
    const usual = home.key('.ssh/id_ed25519');
    const server = await start({ authorized: [usual.publicKey] });
    know(server.port, hostKey.publicKey);
    const target = { identityFile: undefined };
    await connect(server.port, target, { env: { SSH_AUTH_SOCK: folder.file('nowhere') }, home: home.path });
    expect(server.attempts).toEqual(['publickey signed']);
    home.remove();
    await expect(connectByAgent({}, [loaded], folder.file('nowhere'))).rejects.toMatchObject({
      code: 'IDENTITY_UNUSABLE',
    });
  });
});

describe('a host that cannot be reached', () => {
  const silent = createServer();
  beforeAll(async () => {
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    writeFileSync(knownHosts, '');
  });
  afterAll(() => silent.close());

  it('refuses', async () => {
    await expect(connect(1)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'cannot connect to 127.0.0.1:1: nothing listens there',
    });
  });

  it('has no address', async () => {
    await expect(connect(22, { host: 'host.invalid' })).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it('says nothing in time', async () => {
    await expect(connect(portOf(silent), {}, { connectTimeoutMs: 50 })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `cannot connect to 127.0.0.1:${portOf(silent)}: not done within 0.05 s`,
      details: { node: 'node-101' },
    });
  });

  it('hangs up', async () => {
    const rude = createServer((socket) => socket.destroy());
    rude.listen(0, '127.0.0.1');
    await once(rude, 'listening');
    await expect(connect(portOf(rude))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    rude.close();
  });

  it('speaks something else', async () => {
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    await expect(connect(portOf(web))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    web.close();
  });

  it('is waited for no longer when the run is interrupted', async () => {
    const abort = new AbortController();
    const connecting = connect(portOf(silent), {}, { signal: abort.signal });
    abort.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(connect(portOf(silent), {}, { signal: abort.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
