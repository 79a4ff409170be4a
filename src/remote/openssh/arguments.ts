import { quote } from '../shell.js';
import { hostArguments } from '../target/openssh-config.js';
import type { Login, SshTarget } from '../target/target.js';
import { sshOptions } from './options.js';

export interface SshLaunch {
  /**
   * The programs that answer questions: this host's, then those of what is on the way, which must not get the answers that are
   * this host's. Where there is none, none may be asked.
   */
  readonly askpass?: readonly (string | undefined)[] | undefined;
  /** Where to note the keys that the host shows. */
  readonly keyNotes: string;
  /** For an ssh that must go over a connection that there is: what it touches where it cannot, in place of connecting. */
  readonly refusalNote?: string | undefined;
}

const decided = Object.entries(sshOptions).filter(([, { kind }]) => kind === 'fixed');
const always = decided.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value] as const]));
/** Those that an older ssh does not know. */
const newer = decided.flatMap(([name, { since }]) => (since === undefined ? [] : [name]));

/**
 * What leads the system's `ssh` to a host, ours before what its configuration says: nothing may be forwarded there, run
 * here, or believed without proof. The host and its options come last.
 */
export function sshArguments(target: SshTarget, surroundings: SshLaunch, own: readonly string[]): string[] {
  const { login, trust, keepalive, alias, port, user, configFile, family, from, ignoreUnknown } = target;
  const { askpass = [] } = surroundings;
  const isAskedOnTheWay = askpass.slice(1).some((program) => program !== undefined);
  // What is named here replaces what is usual.
  const keys = login.only !== undefined ? [login.only] : login.extra.length > 0 ? login.files : [];
  const options: readonly (readonly [name: string, value: string | number])[] = [
    ['IgnoreUnknown', [...newer, ...(ignoreUnknown === undefined ? [] : [ignoreUnknown])].join(',')],
    ...always,
    ['HostName', target.host.replaceAll('%', '%%')],
    ['BatchMode', yes(askpass[0] === undefined)],
    ...methods(login),
    ['StrictHostKeyChecking', trust.hostKeys === 'strict' ? 'yes' : 'accept-new'],
    ['UserKnownHostsFile', trust.files.map(path).join(' ') || '/dev/null'],
    ['GlobalKnownHostsFile', '/dev/null'],
    ['KnownHostsCommand', noteKeys(surroundings.keyNotes)],
    ...(trust.name === undefined ? [] : [['HostKeyAlias', trust.name] as const]),
    // It is for what comes before the login; that of a host on the way comes before, and where somebody may be asked there,
    // nobody but us knows what counts.
    ['ConnectTimeout', isAskedOnTheWay ? 'none' : Math.ceil(target.connectTimeoutMs / 1000)],
    ['ServerAliveInterval', Math.ceil(keepalive.intervalMs / 1000)],
    ['ServerAliveCountMax', keepalive.count],
    ...(login.only === undefined ? [] : [['IdentitiesOnly', 'yes'] as const]),
    ...keys.map((file) => ['IdentityFile', path(file)] as const),
    // As by default: a quiet one says nothing of what went wrong.
    ['LogLevel', 'INFO'],
    ['PermitLocalCommand', 'no'],
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
function proxy({ way }: SshTarget, surroundings: SshLaunch): readonly (readonly [string, string])[] {
  const { refusalNote, keyNotes } = surroundings;
  if (refusalNote !== undefined) return insteadOfItsOwn(`touch ${literally(refusalNote)}`);
  const [, ...askpass] = surroundings.askpass ?? [];
  switch (way.kind) {
    // What its configuration says else may have been overruled.
    case 'direct':
      return insteadOfItsOwn('none');
    // As ssh itself would run it, but for the environment.
    case 'command':
      return insteadOfItsOwn(`${asking(askpass[0])} ${loginShell()} -c ${quote(`exec ${way.command}`)}`);
    case 'jump': {
      const theirs = { askpass, keyNotes: notesOnTheWay(keyNotes) };
      const hop = sshArguments(way.through, theirs, ['-W', '\0', '-S', 'none']);
      const words = hop.map((each) => (each === '\0' ? '[%h]:%p' : literally(each)));
      return [
        ...insteadOfItsOwn(`${asking(askpass[0])} ssh ${words.join(' ')}`),
        // It hands over no descriptor, whatever a command of the configuration would do.
        ['ProxyUseFdpass', 'no'],
      ];
    }
  }
}

/** A program inherits the environment of the ssh that starts it: it would ask whoever answers for that one's host. */
function asking(program: string | undefined): string {
  const [askpass, require] = program === undefined ? ['', 'never'] : [literally(program), 'force'];
  return `env SSH_ASKPASS=${askpass} SSH_ASKPASS_REQUIRE=${require}`;
}

function loginShell(): string {
  return literally(process.env['SHELL'] || '/bin/sh');
}

/** A word of a command that ssh starts, in which percent signs stand for something. */
function literally(text: string): string {
  return quote(text).replaceAll('%', '%%');
}

/** The first of the two counts, even as `none`: after a ProxyJump, ssh 9.2 reads no ProxyCommand. */
function insteadOfItsOwn(proxyCommand: string): readonly (readonly [string, string])[] {
  return [
    ['ProxyCommand', proxyCommand],
    ['ProxyJump', 'none'],
  ];
}

/** Where the keys of the next host on the way are noted. */
export function notesOnTheWay(keyNotes: string): string {
  return `${keyNotes}.hop`;
}

/**
 * A server puts its own words into a question of `keyboard-interactive`, and into no other: where a passphrase may be given,
 * none of its questions may be asked. A password that was refused before must not be given once more.
 */
function methods({ passphrase, password, isPasswordSpent = false }: Login): readonly (readonly [string, string])[] {
  const isPasswordWanted = !isPasswordSpent && (passphrase === undefined || password !== undefined);
  return [
    ...(passphrase === undefined && !isPasswordSpent ? [] : [['KbdInteractiveAuthentication', 'no'] as const]),
    ...(isPasswordWanted ? [] : [['PasswordAuthentication', 'no'] as const]),
  ];
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
