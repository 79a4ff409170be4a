import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SshSettings } from '../../../../src/cluster/cluster.js';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';
import { type SshConnectorOptions, sshConnector } from '../../../../src/remote/connect/connector.js';
import type { Runner } from '../../../../src/remote/runner.js';
import { sh } from '../../../../src/remote/shell.js';
import { eventually } from '../../../support/eventually.js';
import { recorder } from '../../../support/ssh/contract.js';
import { KeyFolder, type KeyPair, keygen } from '../../../support/ssh/keys.js';
import { portOf, TestServer, type TestServerOptions } from '../../../support/ssh/server.js';
import { hereAt, nodeAt } from '../../../support/ssh/target.js';

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
  target: Partial<SshSettings> = {},
  { signal = never, ...options }: Partial<SshConnectorOptions> & { signal?: AbortSignal } = {},
): Promise<Runner> {
  const connector = sshConnector({
    here: hereAt(folder.path),
    // Less than a test may take, and no stopwatch.
    connectTimeoutMs: 50_000,
    backOffMs: [],
    ...options,
  });
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

  it('leaves nothing that keeps the process once it is closed', async () => {
    const server = await start();
    know(server.port, hostKey.publicKey);
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const runner = await connect(server.port);
    const before = timers();
    runner.close();
    expect(timers()).toBe(before - 1);
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

describe('how to reach nodes, looked up before', () => {
  const lookedUp = (configFile: string, port: number): (() => Promise<Runner>) => {
    const node = nodeAt({ port, knownHosts, identityFile: identity.path, configFile });
    const connector = sshConnector({ here: hereAt(folder.path), backOffMs: [] });
    connector.lookUp([node], never);
    return async () => {
      const runner = await connector.connect(node, never);
      runners.push(runner);
      return runner;
    };
  };

  it('is not asked for again, but by who connects again', async () => {
    const server = await start();
    know(server.port, hostKey.publicKey);
    const asked = folder.file('asked-ahead');
    const config = folder.file('asking-config');
    writeFileSync(config, `Match exec "echo asked >> ${asked}"\n`);
    const connectAgain = lookedUp(config, server.port);
    await eventually('ssh reads its configuration', () => expect(existsSync(asked)).toBe(true));
    expect(server.logins).toBe(0);
    await connectAgain();
    expect(readFileSync(asked, 'utf8')).toBe('asked\n');
    await connectAgain();
    expect(readFileSync(asked, 'utf8')).toBe('asked\nasked\n');
  });

  it('fails nobody who does not connect', async () => {
    lookedUp(folder.file('no-such-config'), 1);
    // What nobody has caught by then, the test is told of.
    const [asking] = process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap');
    expect(asking).toBeDefined();
    await eventually('ssh has answered', () => expect(process.getActiveResourcesInfo()).not.toContain('ProcessWrap'));
  });

  it('is waited for no longer than whoever needs it', async () => {
    const config = folder.file('sleeping-config');
    writeFileSync(config, 'Match exec "sleep 60"\n');
    const node = nodeAt({ port: 1, knownHosts, configFile: config });
    const connector = sshConnector({ here: hereAt(folder.path) });
    const run = new AbortController();
    connector.lookUp([node], run.signal);
    await expect(connector.connect(node, AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
    run.abort();
  });

  it('fails when it is needed', async () => {
    const connectAfterAll = lookedUp(folder.file('no-such-config'), 1);
    await expect(connectAfterAll()).rejects.toMatchObject({
      code: 'SSH_CONFIG_REFUSED',
      details: { node: 'node-101' },
    });
  });
});

describe.each(['ssh2', 'openssh'] as const)('the key of a host, over %s', (transport) => {
  it('that is not known is refused, with the command to trust it', async () => {
    const server = await start();
    writeFileSync(knownHosts, '');
    const [bits, print] = keygen(['-l', '-f', `${hostKey.path}.pub`]).split(' ');
    await expect(connect(server.port, { transport })).rejects.toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      message: `the host key of 127.0.0.1:${server.port} is not known: ${bits} ${print} (ED25519)`,
      details: {
        node: 'node-101',
        hint: containing(`trust it with: echo '[127.0.0.1]:${server.port} ${hostKey.publicKey}' >> ${knownHosts}`),
      },
    });
    expect(server.attempts).toEqual([]);
  });

  it('that has changed is refused, with the line that says otherwise', async () => {
    const server = await start();
    know(server.port, stranger.publicKey);
    await expect(connect(server.port, { transport, hostKeys: 'accept-new' })).rejects.toMatchObject({
      code: 'HOST_KEY_CHANGED',
      message: containing(`${knownHosts}:1`),
      details: { hint: containing(`ssh-keygen -R '[127.0.0.1]:${server.port}' -f ${knownHosts}`) },
    });
    expect(server.attempts).toEqual([]);
  });

  it('that is revoked is refused', async () => {
    const server = await start();
    know(server.port, hostKey.publicKey, '@revoked ');
    await expect(connect(server.port, { transport })).rejects.toMatchObject({ code: 'HOST_KEY_REVOKED' });
  });

  it('that is new is written down where that was asked for, once', async () => {
    const server = await start();
    writeFileSync(knownHosts, '');
    await connect(server.port, { transport, hostKeys: 'accept-new' });
    await connect(server.port, { transport });
    expect(keygen(['-F', `[127.0.0.1]:${server.port}`, '-f', knownHosts])).toContain(hostKey.publicKey);
    expect(readFileSync(knownHosts, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('is not trusted where it cannot be written down', async () => {
    const server = await start();
    writeFileSync(folder.file('blocked'), '');
    await expect(
      connect(server.port, { transport, hostKeys: 'accept-new', knownHosts: folder.file('blocked/known_hosts') }),
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
    writeFileSync(folder.file('garbage'), '-----BEGIN RSA PRIVATE KEY-----\n', { mode: 0o600 });
    await expect(connect(server.port, { identityFile: folder.file('garbage') })).rejects.toMatchObject({
      code: 'IDENTITY_UNUSABLE',
    });
    expect(server.attempts).toEqual([]);
  });
});

describe.each(['ssh2', 'openssh'] as const)('a password, over %s', (transport) => {
  const right = new Secret('env PASSWORD', () => 'hunter2');
  const wrong = new Secret('env PASSWORD', () => 'hunter3');

  it.each(['password', 'keyboard-interactive'] as const)('lets in where there is no key: %s', async (by) => {
    const server = await start({ password: { word: 'hunter2', by } });
    know(server.port, hostKey.publicKey);
    await connect(server.port, { identityFile: undefined, password: right, transport });
    expect(server.attempts.at(-1)).toBe(`${by} right`);
  });

  it('is given after a key where a host wants both', async () => {
    const server = await start({ password: { word: 'hunter2', by: 'password', after: 'publickey' } });
    know(server.port, hostKey.publicKey);
    await connect(server.port, { password: right, transport });
    expect(server.attempts.slice(-2)).toEqual(['publickey signed', 'password right']);
  });

  it('is given before a key where a host wants it so', async () => {
    const server = await start({ password: { word: 'hunter2', by: 'password', before: 'publickey' } });
    know(server.port, hostKey.publicKey);
    await connect(server.port, { password: right, transport });
    const proofs = server.attempts.filter((attempt) => attempt !== 'none' && attempt !== 'publickey');
    expect(proofs.slice(-2)).toEqual(['password right', 'publickey signed']);
  });

  it('that is wrong is tried once', async () => {
    const server = await start({ password: { word: 'hunter2', by: 'password' } });
    know(server.port, hostKey.publicKey);
    const refused = connect(server.port, { identityFile: undefined, password: wrong, transport });
    await expect(refused).rejects.toMatchObject({ code: 'AUTH_REFUSED', details: { node: 'node-101' } });
    expect(server.attempts.filter((attempt) => attempt.startsWith('password'))).toEqual(['password wrong']);
  });

  it('is given to nobody else: a passphrase to no host, the password to none on the way', async () => {
    const encrypted = folder.key(`unknown-${transport}`, 'ed25519', 'passphrase');
    const passphrase = new Secret('env PASSPHRASE', () => 'passphrase');
    const curious = await start({ password: { word: 'passphrase', by: 'password' } });
    know(curious.port, hostKey.publicKey);
    const target = { identityFile: encrypted.path, passphrase, transport };
    await expect(connect(curious.port, target)).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
    const far = await start({ password: { word: 'hunter2', by: 'password' } });
    const near = await start({ authorized: [], password: { word: 'hunter2', by: 'password' }, forwards: true });
    know(far.port, hostKey.publicKey);
    appendFileSync(knownHosts, `[localhost]:${near.port} ${hostKey.publicKey}\n`);
    const through = { transport, password: right, proxyJump: `localhost:${near.port}` };
    await expect(connect(far.port, through)).rejects.toMatchObject({ details: { node: 'node-101' } });
    const given = [...curious.attempts, ...near.attempts].filter((attempt) => /right|wrong/.test(attempt));
    expect(given).toEqual([]);
  });

  it('opens an encrypted key', async () => {
    const encrypted = folder.key(`encrypted-${transport}`, 'ed25519', 'passphrase');
    const server = await start({ authorized: [encrypted.publicKey] });
    know(server.port, hostKey.publicKey);
    const passphrase = new Secret('env PASSPHRASE', () => 'passphrase');
    await connect(server.port, { identityFile: encrypted.path, passphrase, transport });
    const asked: string[] = [];
    const ask = (question: string): Promise<Secret> => {
      asked.push(question);
      return Promise.resolve(passphrase);
    };
    await connect(server.port, { identityFile: encrypted.path, transport }, { ask });
    expect(asked).toEqual([expect.stringContaining(encrypted.path)]);
  });

  it('of a key is not asked for where the host does not take the key', async () => {
    const home = new KeyFolder();
    mkdirSync(home.file('.ssh'));
    const locked = home.key('.ssh/id_ed25519', 'ed25519', 'passphrase');
    const config = home.file('config');
    writeFileSync(config, `IdentityFile ${locked.path}\nIdentityFile ${identity.path}\n`);
    const server = await start();
    know(server.port, hostKey.publicKey);
    const asked: string[] = [];
    const ask = (question: string): Promise<Secret> => {
      asked.push(question);
      return Promise.resolve(right);
    };
    await connect(server.port, { identityFile: undefined, configFile: config, transport }, { ask });
    expect(asked).toEqual([]);
    home.remove();
  });

  it('that cannot be found out ends the login', async () => {
    const encrypted = folder.key(`without-${transport}`, 'ed25519', 'passphrase');
    const server = await start({ authorized: [encrypted.publicKey] });
    know(server.port, hostKey.publicKey);
    const passphrase = new Secret('command pass', () => {
      throw new DeployError('SECRET_UNAVAILABLE', 'pass does not answer');
    });
    await expect(connect(server.port, { identityFile: encrypted.path, passphrase, transport })).rejects.toMatchObject({
      code: 'SECRET_UNAVAILABLE',
    });
  });
});

describe.each(['ssh2', 'openssh'] as const)('an OpenSSH configuration, over %s', (transport) => {
  it.each([
    ['that leads elsewhere is overruled', 'ProxyCommand false\n', { proxyJump: 'none' }],
    ['may have options that only other machines know', 'IgnoreUnknown UseTheKeychain\nUseTheKeychain yes\n', {}],
  ])('%s', async (_what, text, target) => {
    const server = await start();
    know(server.port, hostKey.publicKey);
    const config = folder.file('own-config');
    writeFileSync(config, text);
    await connect(server.port, { transport, configFile: config, ...target });
    expect(server.logins).toBe(1);
  });
});

it('keys that cannot be used are passed over, and told of where nothing else lets in', async () => {
  const config = folder.file('many-keys');
  const garbage = folder.file('damaged');
  writeFileSync(garbage, '-----BEGIN RSA PRIVATE KEY-----\n', { mode: 0o600 });
  const encrypted = folder.key('of-another', 'ed25519', 'another');
  const names = [garbage, encrypted.path, identity.path];
  writeFileSync(config, names.map((name) => `IdentityFile ${name}\n`).join(''));
  const target = {
    identityFile: undefined,
    configFile: config,
    passphrase: new Secret('env PASSPHRASE', () => 'passphrase'),
  };
  const server = await start();
  know(server.port, hostKey.publicKey);
  await connect(server.port, target);
  const strict = await start({ authorized: [] });
  know(strict.port, hostKey.publicKey);
  await expect(connect(strict.port, target)).rejects.toMatchObject({
    code: 'AUTH_REFUSED',
    details: { output: containing(`passed over: ${garbage}: `) },
  });
});

describe.each(['ssh2', 'openssh'] as const)('through another host, over %s', (transport) => {
  /** Two hosts with keys of their own, and the second reached through the first. */
  async function startTwo(
    forwards: boolean,
  ): Promise<{ near: TestServer; far: TestServer; target: Partial<SshSettings> }> {
    const authorized = [identity, stranger].map(({ publicKey }) => publicKey);
    const near = await start({ hostKeys: [rsaHostKey.privateKey], authorized, forwards });
    const far = await start();
    know(far.port, hostKey.publicKey);
    appendFileSync(knownHosts, `[localhost]:${near.port} ${rsaHostKey.publicKey}\n`);
    return { near, far, target: { transport, proxyJump: `guest@localhost:${near.port}` } };
  }

  it('checks the key of each', async () => {
    const { near, far, target } = await startTwo(true);
    const runner = await connect(far.port, target);
    const answers = await runner.observe([{ id: 'a', command: sh`echo there` }], never);
    expect(answers.get('a')?.stdout).toBe('there\n');
    expect(near.forwarded).toEqual([`127.0.0.1:${far.port}`]);
    know(far.port, hostKey.publicKey);
    await expect(connect(far.port, target)).rejects.toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
    });
    appendFileSync(knownHosts, `[localhost]:${near.port} ${rsaHostKey.publicKey}\n`);
    writeFileSync(knownHosts, readFileSync(knownHosts, 'utf8').replace(/^\[127.*\n/, ''));
    await expect(connect(far.port, target)).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN' });
  });

  it('leaves nothing open where it does not get in', async () => {
    const { near, far, target } = await startTwo(true);
    await expect(connect(far.port, { ...target, identityFile: stranger.path })).rejects.toMatchObject({
      code: 'AUTH_REFUSED',
    });
    expect(near.forwarded).toHaveLength(1);
    await eventually('the connection to the host on the way is closed', () => expect(near.connections).toBe(0));
    await eventually('so is that to the host', () => expect(far.connections).toBe(0));
  });

  it('says where it cannot go on from', async () => {
    const { far, target } = await startTwo(false);
    await expect(connect(far.port, target)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

it('takes one connection to a host that several nodes are behind, and ends it with the last of them', async () => {
  const near = await start({ forwards: true });
  const far = await start();
  know(far.port, hostKey.publicKey);
  appendFileSync(knownHosts, `[localhost]:${near.port} ${hostKey.publicKey}\n`);
  const connector = sshConnector({ here: hereAt(folder.path) });
  const target = { port: far.port, knownHosts, identityFile: identity.path, proxyJump: `localhost:${near.port}` };
  const both = await Promise.all(['one', 'two'].map((name) => connector.connect(nodeAt(target, name), never)));
  expect(near.forwarded).toHaveLength(2);
  expect(near.attempts).toEqual(['publickey signed']);
  for (const runner of both) runner.close();
  await eventually('the connection to the host on the way is closed', () => expect(near.connections).toBe(0));
});

it('does not go through a connection that has ended', async () => {
  const near = await start({ forwards: true });
  const far = await start();
  know(far.port, hostKey.publicKey);
  appendFileSync(knownHosts, `[localhost]:${near.port} ${hostKey.publicKey}\n`);
  const connector = sshConnector({ here: hereAt(folder.path) });
  const node = nodeAt({
    port: far.port,
    knownHosts,
    identityFile: identity.path,
    proxyJump: `localhost:${near.port}`,
  });
  const first = await connector.connect(node, never);
  near.cut();
  await expect(first.observe([], never)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  const second = await connector.connect(node, never);
  expect(await second.observe([], never)).toEqual(new Map());
  for (const runner of [first, second]) runner.close();
});

describe('what the built-in library cannot do', () => {
  it('the ssh of this machine does, unless it must not', async () => {
    const server = await start();
    know(server.port, hostKey.publicKey);
    const config = folder.file('config-with-command');
    writeFileSync(
      config,
      `ProxyCommand ${process.execPath} -e "const s=require('net').connect(%p,'127.0.0.1');process.stdin.pipe(s).pipe(process.stdout)"\n`,
    );
    const runner = await connect(server.port, { transport: 'auto', configFile: config });
    expect((await runner.observe([{ id: 'a', command: sh`echo there` }], never)).get('a')?.stdout).toBe('there\n');
    await expect(connect(server.port, { transport: 'ssh2', configFile: config })).rejects.toMatchObject({
      code: 'TRANSPORT_UNSUITED',
      message: containing('ProxyCommand'),
    });
  });

  it('a certificate is refused where the library is wanted', async () => {
    const server = await start();
    know(server.port, hostKey.publicKey);
    const certified = folder.key('certified');
    keygen(['-q', '-s', identity.path, '-I', 'me', '-n', 'root', certified.path]);
    await expect(connect(server.port, { identityFile: certified.path })).rejects.toMatchObject({
      code: 'TRANSPORT_UNSUITED',
      message: containing('certificate'),
    });
  });
});

describe.each([
  { transport: 'ssh2', connectionsAnAttempt: 1 },
  // ssh itself, and a look at how the host takes connections.
  { transport: 'openssh', connectionsAnAttempt: 2 },
] as const)('over $transport, a host that hangs up before it greets', ({ transport, connectionsAnAttempt }) => {
  it('is tried again', async () => {
    const server = await start({ hangsUp: 2 * connectionsAnAttempt });
    know(server.port, hostKey.publicKey);
    const told: string[] = [];
    const connector = sshConnector({ here: hereAt(folder.path), backOffMs: [1, 1] });
    const dialling = { connecting: (host: string) => told.push(host), waiting: (what: string) => told.push(what) };
    const node = nodeAt({ port: server.port, knownHosts, identityFile: identity.path, transport });
    runners.push(await connector.connect(node, never, dialling));
    const waiting = `127.0.0.1:${server.port}, which hangs up on new connections`;
    expect(told).toEqual(['127.0.0.1', waiting, waiting]);
  });

  it('and goes on doing so is an error', async () => {
    const server = await start({ hangsUp: 3 * connectionsAnAttempt });
    const connecting = connect(server.port, { transport }, { backOffMs: [1, 1] });
    await expect(connecting).rejects.toMatchObject({ code: 'UNREACHABLE', message: containing('hangs up') });
  });

  it('is not one that nothing listens on', async () => {
    const server = await start();
    const { port } = server;
    await server.stop();
    servers.pop();
    const told: string[] = [];
    const connector = sshConnector({ here: hereAt(folder.path), backOffMs: [1] });
    const dialling = { connecting: () => undefined, waiting: (what: string) => told.push(what) };
    const connecting = connector.connect(
      nodeAt({ port, knownHosts, identityFile: identity.path, transport }),
      never,
      dialling,
    );
    await expect(connecting).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(told).toEqual([]);
  });
});

it.each(['ssh2', 'openssh'] as const)(
  'over %s, a host that takes one session of a connection gets another connection for the second',
  async (transport) => {
    const server = await start({ maxSessions: 1 });
    know(server.port, hostKey.publicKey);
    const runner = await connect(server.port, { transport });
    let second: Promise<unknown> | undefined;
    const progress = recorder(([kind]) => {
      if (kind === 'printed')
        second ??= runner.observe([{ id: 'a', command: sh`echo there; touch ${folder.file('go')}` }], never);
    });
    const wait = sh`echo waiting; until [ -e ${folder.file('go')} ]; do sleep 0.05; done`;
    expect(await runner.perform([{ script: wait }], progress, never)).toMatchObject([{ exitCode: 0 }]);
    expect(await second).toEqual(new Map([['a', { exitCode: 0, stdout: 'there\n' }]]));
    expect(server.logins).toBe(2);
    rmSync(folder.file('go'));
  },
);

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
    keygen(['-q', '-p', '-N', 'passphrase', '-a', '1', '-f', loaded.path]);
  });
  afterAll(() => agent.kill());

  async function connectByAgent(
    target: Partial<SshSettings>,
    authorized: readonly KeyPair[],
    at = socket,
  ): Promise<TestServer> {
    const server = await start({ authorized: authorized.map(({ publicKey }) => publicKey) });
    know(server.port, hostKey.publicKey);
    await connect(
      server.port,
      { identityFile: undefined, ...target },
      { here: hereAt(folder.path, { SSH_AUTH_SOCK: at }) },
    );
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

  it('that holds a certificate is left to the ssh of this machine', async () => {
    const authority = folder.key('authority');
    const certified = folder.key('in-the-agent');
    keygen(['-q', '-s', authority.path, '-I', 'me', '-n', 'root', certified.path]);
    const own = folder.file('agent-with-certificate');
    const second = spawn('ssh-agent', ['-D', '-a', own], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(second.stdout, 'data');
    execFileSync('ssh-add', ['-q', certified.path], { env: { ...process.env, SSH_AUTH_SOCK: own } });
    try {
      const server = await start({ authorized: [identity.publicKey] });
      know(server.port, hostKey.publicKey);
      const byAgent = { here: hereAt(folder.path, { SSH_AUTH_SOCK: own }) };
      const refused = connect(server.port, { identityFile: undefined, transport: 'auto' }, byAgent);
      await expect(refused).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
      expect(server.logins).toBe(2);
      const guarded = await start({ authorized: [], password: { word: 'hunter2', by: 'password' } });
      know(guarded.port, hostKey.publicKey);
      const password = new Secret('env PASSWORD', () => 'hunter3');
      const target = { identityFile: undefined, transport: 'auto', password } as const;
      await expect(connect(guarded.port, target, byAgent)).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
      expect(guarded.logins).toBe(2);
      expect(guarded.attempts.filter((attempt) => attempt === 'password wrong')).toHaveLength(1);
    } finally {
      second.kill();
    }
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
    await connect(server.port, target, { here: hereAt(home.path, { SSH_AUTH_SOCK: folder.file('nowhere') }) });
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

  it('is not looked for any longer when the run is interrupted', async () => {
    const config = folder.file('slow-config');
    const sign = folder.file('asked');
    writeFileSync(config, `Match exec "touch ${sign}; sleep 60"\nUser nobody\n`);
    const abort = new AbortController();
    const connecting = connect(portOf(silent), { configFile: config }, { signal: abort.signal });
    const ended = connecting.catch((error: unknown) => error);
    await eventually('ssh reads its configuration', () => expect(existsSync(sign)).toBe(true));
    abort.abort();
    expect(await ended).toMatchObject({ code: 'INTERRUPTED' });
  });

  it('is waited for no longer when the run is interrupted', async () => {
    const abort = new AbortController();
    const connecting = connect(portOf(silent), {}, { signal: abort.signal });
    abort.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(connect(portOf(silent), {}, { signal: abort.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
