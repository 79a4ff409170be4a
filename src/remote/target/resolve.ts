import type { Node, SshSettings } from '../../cluster/cluster.js';
import { type Hop, parseJump } from '../../cluster/values/jump.js';
import { DeployError } from '../../errors/deploy-error.js';
import { opensshNeedsName } from '../link/failures.js';
import { askOpenssh, type OpensshConfig } from './openssh-config.js';
import type { Keepalive, SshTarget, Trust, Way } from './target.js';
import { expandTokens, type TokenValues } from './tokens.js';

/** What connecting reads of the machine it starts from. */
export interface Here {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly user: string;
  /** The user id has no name: OpenSSH refuses to do anything for it. */
  readonly isNameless?: boolean;
  readonly uid: number;
  readonly hostName: string;
}

/** Where neither the file nor the OpenSSH configuration says otherwise. */
const defaultConnectTimeoutMs = 10_000;
/**
 * A stopped sshd or a dead link is noticed 15 to 20 seconds after its last sign of life: well within a lease of 60,
 * and not so soon that a mobile or satellite link which stalls for seconds ends a run.
 */
const defaultKeepalive: Keepalive = { intervalMs: 5_000, count: 3 };

const usualKeys = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa'];
const usualKnownHosts = ['~/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'];

/** More hosts in a row than anyone has: a configuration in which each leads to the next. */
const mostHops = 8;

/**
 * How to connect to a node: what the file says, then what `ssh <name>` would do, then what is usual.
 * @throws DeployError SSH_CONFIG_REFUSED, INTERRUPTED
 */
export async function resolveTarget({ name, address, ssh }: Node, here: Here, signal: AbortSignal): Promise<SshTarget> {
  const alias = ssh.host ?? name;
  const asked = await ask(ssh, { host: alias, user: ssh.user, port: ssh.port }, here, signal);
  const found = first(asked, 'hostname') ?? alias;
  const isNamed = ssh.host !== undefined || found.toLowerCase() !== alias.toLowerCase();
  return await target({ alias, host: isNamed ? found : address, settings: ssh, asked, here, signal, depth: 0 });
}

interface Asked {
  readonly alias: string;
  readonly host: string;
  readonly settings: SshSettings;
  readonly asked: OpensshConfig;
  readonly here: Here;
  readonly signal: AbortSignal;
  readonly depth: number;
}

async function target(question: Asked): Promise<SshTarget> {
  const { alias, host, settings, asked, here } = question;
  const port = settings.port ?? Number(first(asked, 'port') ?? 22);
  const user = settings.user ?? first(asked, 'user') ?? here.user;
  const keyAlias = wanted(asked, 'hostkeyalias');
  const jump = settings.proxyJump ?? first(asked, 'proxyjump') ?? '';
  const values: TokenValues = {
    alias,
    host,
    port,
    user,
    keyAlias,
    jump,
    home: here.home,
    localUser: here.user,
    localHost: here.hostName,
    uid: here.uid,
  };
  const paths = (texts: readonly string[]): string[] =>
    texts
      .filter((text) => text !== 'none')
      .flatMap((text) => expandTokens(text, values, here.env) ?? [])
      // A variable that is set and empty.
      .filter((path) => path !== '');
  return {
    alias,
    host,
    port,
    user,
    family: familyOf(first(asked, 'addressfamily')),
    from: wanted(asked, 'bindaddress'),
    device: wanted(asked, 'bindinterface'),
    login: {
      only: settings.identityFile,
      files: paths(asked.get('identityfile') ?? usualKeys),
      extra: [],
      filesOnly: settings.identityFile !== undefined || first(asked, 'identitiesonly') === 'yes',
      agent: agentSocket(first(asked, 'identityagent'), here.env, paths),
      certificates: paths(asked.get('certificatefile') ?? []),
      gssapi: first(asked, 'gssapiauthentication') === 'yes',
      passphrase: settings.passphrase,
      password: settings.password,
    },
    trust: trust(settings, asked, keyAlias, paths),
    way: await wayTo(settings.proxyJump ?? expandTokens(jump, values, {}) ?? jump, question),
    connectTimeoutMs: seconds(first(asked, 'connecttimeout')) ?? defaultConnectTimeoutMs,
    keepalive: keepalive(asked),
    configFile: settings.configFile,
    ignoreUnknown: wanted(asked, 'ignoreunknown'),
  };
}

async function ask(
  { configFile }: SshSettings,
  { host, user, port }: Hop,
  { isNameless = false, uid }: Here,
  signal: AbortSignal,
): Promise<OpensshConfig> {
  if (configFile === 'none') return new Map();
  if (isNameless) {
    if (configFile !== undefined) throw opensshNeedsName('SSH_CONFIG_REFUSED', `to read ${configFile}`, uid);
    return new Map();
  }
  const answer = await askOpenssh({ alias: host, user, port, configFile }, signal);
  if (answer === undefined && configFile !== undefined) {
    throw new DeployError('SSH_CONFIG_REFUSED', `there is no ssh here that could read ${configFile}`, {
      hint: 'Install the OpenSSH client, or set `configFile: none`.',
    });
  }
  return answer ?? new Map();
}

async function wayTo(jump: string, question: Asked): Promise<Way> {
  const { settings, asked, depth } = question;
  if (jump !== '' && jump !== 'none') {
    const hops = depth < mostHops ? parseJump(jump) : undefined;
    const [hop] = hops?.slice(-1) ?? [];
    if (hop === undefined) {
      throw new DeployError('SSH_CONFIG_REFUSED', `no way leads through ${jump}`, {
        hint: `Write ProxyJump as user@host:port, with commas between at most ${mostHops} hosts, none of which goes through itself.`,
      });
    }
    const through = await hopTarget(hop, jump.split(',').slice(0, -1).join(','), question);
    return { kind: 'jump', through };
  }
  const command = settings.proxyJump === undefined ? wanted(asked, 'proxycommand') : undefined;
  return command === undefined ? { kind: 'direct' } : { kind: 'command', command };
}

/** As for `ssh -J`: a host on the way has a user, a port and keys of its own, before which comes the key that the file names. */
async function hopTarget(
  { user, host, port }: Hop,
  before: string,
  { settings, here, signal, depth }: Asked,
): Promise<SshTarget> {
  const { configFile, knownHosts, hostKeys, identityFile, passphrase, transport } = settings;
  const own: SshSettings = {
    user,
    port,
    configFile,
    knownHosts,
    hostKeys,
    passphrase,
    transport,
    // Without hosts before it, its own entry in the configuration says how to get there.
    proxyJump: before === '' ? undefined : before,
  };
  const asked = await ask(own, { user, host, port }, here, signal);
  const hop = await target({
    alias: host,
    host: first(asked, 'hostname') ?? host,
    settings: own,
    asked,
    here,
    signal,
    depth: depth + 1,
  });
  const extra = identityFile === undefined ? [] : [identityFile];
  return { ...hop, login: { ...hop.login, extra, files: [...extra, ...hop.login.files] } };
}

function trust(
  { knownHosts, hostKeys }: SshSettings,
  asked: OpensshConfig,
  name: string | undefined,
  paths: (texts: readonly string[]) => string[],
): Trust {
  const listed = ['userknownhostsfile', 'globalknownhostsfile'].flatMap((option) => words(first(asked, option)));
  return {
    files: knownHosts === undefined ? paths(listed.length > 0 ? listed : usualKnownHosts) : [knownHosts],
    // `no` and `ask` would let in whoever is there: nobody is asked here, so both are strict.
    hostKeys: hostKeys ?? (first(asked, 'stricthostkeychecking') === 'accept-new' ? 'accept-new' : 'strict'),
    revoked: wanted(asked, 'revokedhostkeys'),
    name,
  };
}

/** `SSH_AUTH_SOCK`, or what IdentityAgent puts in its place. */
function agentSocket(
  option: string | undefined,
  env: Here['env'],
  paths: (texts: readonly string[]) => string[],
): string | undefined {
  const variable = option === undefined || option === 'SSH_AUTH_SOCK' ? 'SSH_AUTH_SOCK' : /^\$(\w+)$/.exec(option)?.[1];
  if (variable !== undefined) return env[variable] || undefined;
  return paths([option ?? 'none'])[0];
}

/** Never slower than ours: a lost node must be noticed within its lease. */
function keepalive(asked: OpensshConfig): Keepalive {
  const intervalMs = seconds(first(asked, 'serveraliveinterval'));
  const count = Math.max(1, Number(first(asked, 'serveralivecountmax') ?? defaultKeepalive.count));
  const isQuicker =
    intervalMs !== undefined && intervalMs * count <= defaultKeepalive.intervalMs * defaultKeepalive.count;
  return isQuicker ? { intervalMs, count } : defaultKeepalive;
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,5}$/.test(text) ? Number(text) * 1000 : undefined;
}

function familyOf(text: string | undefined): 4 | 6 | undefined {
  return text === 'inet' ? 4 : text === 'inet6' ? 6 : undefined;
}

function first(asked: OpensshConfig, option: string): string | undefined {
  return asked.get(option)?.[0];
}

/** The value of an option that may also be `none`. */
function wanted(asked: OpensshConfig, option: string): string | undefined {
  const value = first(asked, option);
  return value === 'none' || value === '' ? undefined : value;
}

function words(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(' ').filter((word) => word !== '');
}
