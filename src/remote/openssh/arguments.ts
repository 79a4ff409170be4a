import { quote } from '../shell.js';
import { hostArguments } from '../target/openssh-config.js';
import type { SshTarget } from '../target/target.js';

export interface Surroundings {
  /** The program that answers questions; without it none may be asked. */
  readonly askpass?: string | undefined;
  /** The same for hosts on the way, which must not get the answers that are this host's. */
  readonly askpassOnTheWay?: string | undefined;
  /** Where to note the keys that the host shows. */
  readonly keyNotes: string;
}

/**
 * What leads the system's `ssh` to a host, ours before what its configuration says: nothing may be forwarded there, run
 * here, or believed without proof. The host and its options come last.
 */
export function sshArguments(target: SshTarget, surroundings: Surroundings, own: readonly string[]): string[] {
  const { login, trust, keepalive, alias, port, user, configFile, family, from } = target;
  // What is named here replaces what is usual.
  const keys = login.only !== undefined ? [login.only] : login.extra.length > 0 ? login.files : [];
  const options: readonly (readonly [name: string, value: string | number])[] = [
    // Newer than the oldest ssh that we may meet.
    ['IgnoreUnknown', 'KnownHostsCommand'],
    ['HostName', target.host],
    ['BatchMode', yes(surroundings.askpass === undefined)],
    ...methods(login),
    ['NumberOfPasswordPrompts', 1],
    ['StrictHostKeyChecking', trust.hostKeys === 'strict' ? 'yes' : 'accept-new'],
    ['UserKnownHostsFile', trust.files.map(path).join(' ') || '/dev/null'],
    ['GlobalKnownHostsFile', '/dev/null'],
    ['HashKnownHosts', 'yes'],
    ['UpdateHostKeys', 'no'],
    ['VerifyHostKeyDNS', 'no'],
    ['NoHostAuthenticationForLocalhost', 'no'],
    ['KnownHostsCommand', noteKeys(surroundings.keyNotes)],
    ...(trust.name === undefined ? [] : [['HostKeyAlias', trust.name] as const]),
    ['ConnectTimeout', Math.ceil(target.connectTimeoutMs / 1000)],
    ['ServerAliveInterval', Math.ceil(keepalive.intervalMs / 1000)],
    ['ServerAliveCountMax', keepalive.count],
    ...(login.only === undefined ? [] : [['IdentitiesOnly', 'yes'] as const]),
    ...keys.map((file) => ['IdentityFile', path(file)] as const),
    ['ForwardAgent', 'no'],
    ['ForwardX11', 'no'],
    ['ClearAllForwardings', 'yes'],
    ['RemoteCommand', 'none'],
    ['RequestTTY', 'no'],
    ['EscapeChar', 'none'],
    ['ControlPersist', 'no'],
    ...(family === undefined ? [] : [['AddressFamily', family === 4 ? 'inet' : 'inet6'] as const]),
    ...(from === undefined ? [] : [['BindAddress', from] as const]),
    ...proxy(target, surroundings),
  ];
  return [
    ...own,
    ...options.flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...hostArguments({ alias, user, port, configFile }),
  ];
}

/** Every host on the way with arguments of its own: `ssh -J` would let it use its defaults. */
function proxy({ way }: SshTarget, surroundings: Surroundings): readonly (readonly [string, string])[] {
  if (way.kind !== 'jump') return [];
  const { askpassOnTheWay } = surroundings;
  const theirs = { askpass: askpassOnTheWay, askpassOnTheWay, keyNotes: notesOnTheWay(surroundings.keyNotes) };
  const hop = sshArguments(way.through, theirs, ['-W', '\0', '-S', 'none']);
  const ssh = askpassOnTheWay === undefined ? ['ssh'] : ['env', `SSH_ASKPASS=${askpassOnTheWay}`, 'ssh'];
  const command = [...ssh, ...hop].map((each) => (each === '\0' ? '[%h]:%p' : quote(each).replaceAll('%', '%%')));
  return [
    ['ProxyJump', 'none'],
    ['ProxyCommand', command.join(' ')],
  ];
}

/** Where the keys of the next host on the way are noted. */
export function notesOnTheWay(keyNotes: string): string {
  return `${keyNotes}.hop`;
}

/**
 * A server puts its own words into a question of `keyboard-interactive`, and into no other: where a passphrase may be given,
 * none of its questions may be asked.
 */
function methods({ passphrase, password }: SshTarget['login']): readonly (readonly [string, string])[] {
  if (passphrase === undefined) return [];
  const off = [['KbdInteractiveAuthentication', 'no']] as const;
  return password === undefined ? [...off, ['PasswordAuthentication', 'no']] : off;
}

/** ssh tells whoever it asks for known hosts which key the host has shown; the answer is that it knows no more. */
function noteKeys(file: string): string {
  return `/bin/sh -c ${word('echo "$0 $1" >>"$2"')} %t %K ${path(file)}`;
}

/** Words of an option are separated by spaces. */
function path(file: string): string {
  return word(file.replaceAll('%', '%%'));
}

function word(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

function yes(value: boolean): string {
  return value ? 'yes' : 'no';
}
