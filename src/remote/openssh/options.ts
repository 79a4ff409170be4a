/** What becomes of an option of ssh_config(5), and why. */
export interface SshOption {
  /**
   * - `fixed`: always the same, whatever the OpenSSH configuration says, over both transports
   * - `read`: counts over both transports, unless ours says otherwise
   * - `turns`: where it is set, `auto` takes the transport `openssh`, which reads it itself
   * - `openssh`: `ssh` reads it itself; without effect over `ssh2`
   * - `idle`: without effect, as what it is about never happens
   */
  readonly kind: 'fixed' | 'read' | 'turns' | 'openssh' | 'idle';
  /** What `ssh` is always told; undefined for a fixed one that depends on the moment. */
  readonly value?: string;
  readonly remark: string;
  /** The OpenSSH that has it first, where that is newer than the oldest that we call. */
  readonly since?: string;
}

const option = (kind: SshOption['kind'], remark: string, since?: string): SshOption => ({
  kind,
  remark,
  ...(since === undefined ? {} : { since }),
});
const ours = (remark: string, since?: string): SshOption => option('fixed', remark, since);
const fixed = (value: string, remark: string, since?: string): SshOption => ({ ...ours(remark, since), value });
const read = (remark = 'as it is', since?: string): SshOption => option('read', remark, since);
const turns = (remark: string): SshOption => option('turns', remark);
const openssh = (remark = 'as it is', since?: string): SshOption => option('openssh', remark, since);
const idle = (remark: string, since?: string): SshOption => option('idle', remark, since);

const noForwarding = 'nothing is forwarded';
const noTunnel = 'there is no tunnel';
const asTheyAre = 'decided by `ssh -G`';

/**
 * Every option of the manuals of OpenSSH 8.4 to 10.5. A fixed one keeps a run from being answered for, from running anything here, and
 * from leaving anything behind.
 */
export const sshOptions: Readonly<Record<string, SshOption>> = {
  AddKeysToAgent: fixed('no', 'a run leaves no key in an agent'),
  AddressFamily: read(),
  BatchMode: ours('what may be asked is asked by us'),
  BindAddress: read(),
  BindInterface: turns('as it is'),
  CASignatureAlgorithms: openssh(),
  CanonicalDomains: read(asTheyAre),
  CanonicalizeFallbackLocal: read(asTheyAre),
  CanonicalizeHostname: read(asTheyAre),
  CanonicalizeMaxDots: read(asTheyAre),
  CanonicalizePermittedCNAMEs: read(asTheyAre),
  CertificateFile: turns('as it is'),
  ChannelTimeout: fixed('none', 'a command may be silent for long', '9.6'),
  CheckHostIP: openssh(),
  Ciphers: openssh(),
  ClearAllForwardings: fixed('yes', noForwarding),
  Compression: openssh(),
  ConnectTimeout: read('in place of 10 seconds'),
  ConnectionAttempts: openssh(),
  ControlMaster: ours('a connection is that of its run alone'),
  ControlPath: ours('a connection is that of its run alone'),
  ControlPersist: fixed('no', 'no connection outlives its run'),
  DynamicForward: idle(noForwarding),
  EnableEscapeCommandline: idle('there is no escape character', '9.2'),
  EnableSSHKeysign: openssh(),
  EscapeChar: fixed('none', 'what is sent is data'),
  ExitOnForwardFailure: idle(noForwarding),
  FingerprintHash: openssh(),
  ForkAfterAuthentication: fixed('no', 'no connection outlives its run', '8.7'),
  ForwardAgent: fixed('no', noForwarding),
  ForwardX11: fixed('no', noForwarding),
  ForwardX11Timeout: idle(noForwarding),
  ForwardX11Trusted: idle(noForwarding),
  GSSAPIAuthentication: turns('where no key lets in, and the server offers it'),
  GSSAPIDelegateCredentials: openssh(),
  GatewayPorts: idle(noForwarding),
  GlobalKnownHostsFile: read('unless `ssh.knownHosts` is set, which is then the only file'),
  HashKnownHosts: fixed('yes', 'a name that is written is hashed'),
  Host: read(asTheyAre),
  HostKeyAlgorithms: openssh(),
  HostKeyAlias: read('the name that is looked up, without a port'),
  HostbasedAcceptedAlgorithms: openssh('as it is', '8.5'),
  HostbasedAuthentication: openssh(),
  Hostname: read(),
  IPQoS: openssh(),
  IdentitiesOnly: read('unless `ssh.identityFile` is set'),
  IdentityAgent: read(),
  IdentityFile: read('unless `ssh.identityFile` is set'),
  IgnoreUnknown: read(asTheyAre),
  Include: read(asTheyAre),
  KbdInteractiveAuthentication: openssh('off where `ssh.passphrase` is set, or the password was refused'),
  KbdInteractiveDevices: openssh(),
  KexAlgorithms: openssh(),
  KnownHostsCommand: ours('hosts are known by files alone', '8.5'),
  LocalCommand: ours('nothing is run here'),
  LocalForward: idle(noForwarding),
  LogLevel: ours('what `ssh` prints is for errors'),
  LogVerbose: openssh('as it is', '8.5'),
  MACs: openssh(),
  Match: read(asTheyAre),
  NoHostAuthenticationForLocalhost: fixed('no', 'every host is checked'),
  NumberOfPasswordPrompts: fixed('1', 'a password is tried once'),
  ObscureKeystrokeTiming: openssh('as it is', '9.5'),
  PKCS11Provider: openssh('as it is: set `transport: openssh` for a smart card'),
  PasswordAuthentication: openssh('off where nobody has a password to give'),
  PermitLocalCommand: ours('nothing is run here'),
  PermitRemoteOpen: idle(noForwarding, '8.5'),
  Port: read('unless `ssh.port` is set'),
  PreferredAuthentications: openssh(),
  ProxyCommand: turns('unless `ssh.proxyJump` is set'),
  ProxyJump: read('unless `ssh.proxyJump` is set'),
  ProxyUseFdpass: openssh('with a `ProxyCommand`'),
  PubkeyAcceptedAlgorithms: openssh('as it is', '8.5'),
  PubkeyAuthentication: openssh(),
  RefuseConnection: read('ends the run with its words', '10.1'),
  RekeyLimit: openssh(),
  RemoteCommand: fixed('none', 'a run has commands of its own'),
  RemoteForward: idle(noForwarding),
  RequestTTY: fixed('no', 'a terminal changes what is sent; sudo alone may get one'),
  RequiredRSASize: openssh('as it is', '9.1'),
  RevokedHostKeys: turns('as it is'),
  SecurityKeyProvider: openssh(),
  SendEnv: openssh(),
  ServerAliveCountMax: read('where it finds a lost host as soon as 5 s × 3 does, or sooner'),
  ServerAliveInterval: read('where it finds a lost host as soon as 5 s × 3 does, or sooner'),
  SessionType: fixed('default', 'a run has commands of its own', '8.7'),
  SetEnv: openssh(),
  StdinNull: fixed('no', 'commands are given what they read', '8.7'),
  StreamLocalBindMask: idle(noForwarding),
  StreamLocalBindUnlink: idle(noForwarding),
  StrictHostKeyChecking: read(
    '`accept-new` alone, unless `ssh.hostKeys` is set; any other is strict, as nobody is let in unknown',
  ),
  SyslogFacility: idle('`ssh` logs to its standard error'),
  TCPKeepAlive: openssh(),
  Tag: read(asTheyAre, '9.4'),
  Tunnel: fixed('no', noTunnel),
  TunnelDevice: idle(noTunnel),
  UpdateHostKeys: fixed('no', 'hosts teach us no other keys'),
  User: read('unless `ssh.user` is set'),
  UserKnownHostsFile: read('unless `ssh.knownHosts` is set, which is then the only file'),
  VerifyHostKeyDNS: fixed('no', 'hosts are known by files alone'),
  VersionAddendum: openssh('as it is', '10.0'),
  VisualHostKey: fixed('no', 'what `ssh` prints is for errors'),
  WarnWeakCrypto: fixed('no', 'what `ssh` prints is for errors', '10.1'),
  XAuthLocation: idle(noForwarding),
};
