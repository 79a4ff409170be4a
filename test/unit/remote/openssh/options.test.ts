import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { sshOptionsReference } from '../../../../scripts/ssh-options-reference.js';
import { sshOptions } from '../../../../src/remote/openssh/options.js';
import { sh } from '../../../../src/remote/shell.js';
import { eventually } from '../../../support/eventually.js';
import { SshBench } from '../../../support/ssh/bench.js';
import type { TestServer } from '../../../support/ssh/server.js';

const bench = new SshBench();
afterEach(() => bench.clear());
afterAll(() => bench.folder.remove());

/** By release, the oldest first, the options that are new in its manual. */
const manuals = readFileSync('test/fixtures/openssh/options.txt', 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const [release = '', names = ''] = line.split(': ');
    return { release, names: names.split(' ') };
  });

test('docs/ssh-options.md is what the table says', async () => {
  await expect(sshOptionsReference(sshOptions)).toMatchFileSnapshot('../../../../docs/ssh-options.md');
});

test('every option of every manual is decided, and said to be as new as it is', () => {
  const [oldest, ...later] = manuals;
  const expected = new Map([
    ...(oldest?.names ?? []).map((name) => [name, undefined] as const),
    ...later.flatMap(({ release, names }) => names.map((name) => [name, release] as const)),
  ]);
  // What they were called before.
  for (const name of ['ChallengeResponseAuthentication', 'HostbasedKeyTypes', 'PubkeyAcceptedKeyTypes'])
    expected.delete(name);
  expect(new Map(Object.entries(sshOptions).map(([name, { since }]) => [name, since]))).toEqual(expected);
});

/**
 * For each option something that OpenSSH would not do by itself, so far as it leaves a way in. None where the bench itself needs the option,
 * or where it is a block of others.
 */
const values: Readonly<Record<string, readonly string[]>> = {
  AddKeysToAgent: ['yes', 'ask', 'confirm'],
  AddressFamily: ['inet'],
  BatchMode: ['yes'],
  BindAddress: ['127.0.0.1'],
  BindInterface: ['lo'],
  CASignatureAlgorithms: ['ssh-ed25519'],
  CanonicalDomains: ['invalid'],
  CanonicalizeFallbackLocal: ['no'],
  CanonicalizeHostname: ['always'],
  CanonicalizeMaxDots: ['0'],
  CanonicalizePermittedCNAMEs: ['*:*'],
  CertificateFile: ['/nonexistent-cert.pub'],
  ChannelTimeout: ['global=1 session=1'],
  CheckHostIP: ['yes'],
  Ciphers: ['aes256-ctr'],
  ClearAllForwardings: ['no'],
  Compression: ['yes'],
  ConnectTimeout: ['3'],
  ConnectionAttempts: ['2'],
  ControlMaster: ['auto', 'autoask', 'ask', 'no'],
  ControlPath: ['none', '/nonexistent/%C'],
  ControlPersist: ['yes'],
  DynamicForward: ['127.0.0.1:9'],
  EnableEscapeCommandline: ['yes'],
  EnableSSHKeysign: ['yes'],
  EscapeChar: ['c'],
  ExitOnForwardFailure: ['yes'],
  FingerprintHash: ['md5'],
  ForkAfterAuthentication: ['yes'],
  ForwardAgent: ['yes'],
  ForwardX11: ['yes'],
  ForwardX11Timeout: ['1'],
  ForwardX11Trusted: ['yes'],
  GSSAPIAuthentication: ['yes'],
  GSSAPIDelegateCredentials: ['yes'],
  GatewayPorts: ['yes'],
  GlobalKnownHostsFile: ['/nonexistent'],
  HashKnownHosts: ['no'],
  Host: [],
  HostKeyAlgorithms: ['ssh-ed25519'],
  HostKeyAlias: [],
  HostbasedAcceptedAlgorithms: ['ssh-ed25519'],
  HostbasedAuthentication: ['yes'],
  Hostname: ['127.0.0.1'],
  IPQoS: ['throughput'],
  IdentitiesOnly: ['yes'],
  IdentityAgent: ['none'],
  IdentityFile: ['/nonexistent'],
  IgnoreUnknown: ['*'],
  Include: ['/nonexistent'],
  KbdInteractiveAuthentication: ['no'],
  KbdInteractiveDevices: ['none'],
  KexAlgorithms: ['ecdh-sha2-nistp256'],
  KnownHostsCommand: ['/bin/false'],
  LocalCommand: ['kill $PPID'],
  LocalForward: ['127.0.0.1:9 127.0.0.1:9'],
  LogLevel: ['QUIET', 'DEBUG3'],
  LogVerbose: ['*'],
  MACs: ['hmac-sha2-256'],
  Match: [],
  NoHostAuthenticationForLocalhost: ['yes'],
  NumberOfPasswordPrompts: ['0', '9'],
  ObscureKeystrokeTiming: ['yes'],
  PKCS11Provider: ['none'],
  PasswordAuthentication: ['no'],
  PermitLocalCommand: ['no', 'yes'],
  PermitRemoteOpen: ['none'],
  Port: [],
  PreferredAuthentications: ['publickey'],
  ProxyCommand: ['none'],
  ProxyJump: ['none'],
  ProxyUseFdpass: ['yes'],
  PubkeyAcceptedAlgorithms: ['ssh-ed25519'],
  PubkeyAuthentication: ['yes'],
  RefuseConnection: [],
  RekeyLimit: ['1M 1m'],
  RemoteCommand: ['sleep 1000'],
  RemoteForward: ['0 127.0.0.1:9'],
  RequestTTY: ['force'],
  RequiredRSASize: ['4096'],
  RevokedHostKeys: ['none'],
  SecurityKeyProvider: ['internal'],
  SendEnv: ['*'],
  ServerAliveCountMax: ['0'],
  ServerAliveInterval: ['0'],
  SessionType: ['none', 'subsystem'],
  SetEnv: ['A=b'],
  StdinNull: ['yes'],
  StreamLocalBindMask: ['0777'],
  StreamLocalBindUnlink: ['yes'],
  StrictHostKeyChecking: ['no', 'ask'],
  SyslogFacility: ['LOCAL7'],
  TCPKeepAlive: ['no'],
  Tag: ['any'],
  Tunnel: ['yes'],
  TunnelDevice: ['0:0'],
  UpdateHostKeys: ['yes', 'ask'],
  User: [],
  UserKnownHostsFile: ['/nonexistent'],
  VerifyHostKeyDNS: ['yes'],
  VersionAddendum: ['any'],
  VisualHostKey: ['yes'],
  WarnWeakCrypto: ['yes'],
  XAuthLocation: ['/bin/false'],
};

test.each(['BindInterface lo', 'RevokedHostKeys /dev/null', 'ProxyCommand nc 127.0.0.1 22'])(
  'over ssh2 nothing is passed over in silence that decides who connects to whom: %s',
  async (line) => {
    const server = await bench.start();
    const configFile = bench.folder.file('config');
    writeFileSync(configFile, `${line}\n`);
    const refused = bench.connect(server, { configFile, transport: 'ssh2' });
    await expect(refused).rejects.toMatchObject({ code: 'TRANSPORT_UNSUITED' });
    expect(server.attempts).toEqual([]);
  },
);

describe('whatever the OpenSSH configuration says', () => {
  /** Not every ssh knows every option. */
  /** What a command says that a run gives to the host. */
  async function saidTo(server: TestServer, config: string): Promise<string | undefined> {
    const configFile = bench.folder.file('config');
    writeFileSync(configFile, `IgnoreUnknown *\n${config}\n`);
    const runner = await bench.connect(server, { configFile, transport: 'openssh' });
    const answers = await runner.observe([{ id: 'one', command: sh`echo heard` }], new AbortController().signal);
    runner.close();
    return answers.get('one')?.stdout;
  }

  test('what is tried is every option', () => {
    expect(Object.keys(values)).toEqual(Object.keys(sshOptions));
  });

  const rounds = Math.max(...Object.values(values).map(({ length }) => length));
  test.each(Array.from({ length: rounds }, (_, round) => round + 1))(
    'a run goes in, with all of them at once, and leaves nothing behind (%i)',
    async (round) => {
      const lines = Object.entries(values).flatMap(([name, given]) =>
        given
          .slice(0, round)
          .slice(-1)
          .map((value) => `${name} ${value}`),
      );
      const server = await bench.start();
      expect(await saidTo(server, lines.join('\n'))).toBe('heard\n');
      await eventually('nobody is connected any more', () => expect(server.connections).toBe(0));
    },
  );

  test.each(['SessionType none', 'SessionType subsystem', 'RemoteCommand sleep 1000'])(
    'a connection is not left behind that was to go into the background: %s',
    async (line) => {
      const server = await bench.start();
      expect(await saidTo(server, `ForkAfterAuthentication yes\n${line}`)).toBe('heard\n');
      await eventually('nobody is connected any more', () => expect(server.connections).toBe(0));
    },
  );
});
