import { quote } from '../shell.js';
import { peerOf } from '../target/peer.js';
import type { SshTarget } from '../target/target.js';

/** What an operator types to do by hand nearly what this run does; what the OpenSSH configuration says beside, ssh reads by itself. */
export function sshCommand(program: readonly string[], target: SshTarget): string {
  const { alias, login, trust, configFile, port, way, user, host, family } = target;
  const options: readonly (readonly [name: string, value: string] | undefined)[] = [
    login.only === undefined ? undefined : ['IdentitiesOnly', 'yes'],
    isUsual(trust.files) ? undefined : ['UserKnownHostsFile', trust.files.join(' ')],
    trust.name === undefined ? undefined : ['HostKeyAlias', trust.name],
    family === undefined ? undefined : ['AddressFamily', family === 4 ? 'inet' : 'inet6'],
    alias === host ? undefined : ['HostName', host],
    way.kind === 'jump' ? ['ProxyJump', jumpsOf(way.through).join(',')] : undefined,
  ];
  const words = [
    ...program,
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(login.only === undefined ? [] : ['-i', login.only]),
    ...(port === 22 ? [] : ['-p', String(port)]),
    ...options.flatMap((option) => (option === undefined ? [] : ['-o', option.join('=')])),
    `${user}@${alias}`,
  ];
  return words.map(quote).join(' ');
}

/** Those that ssh reads by itself. */
function isUsual(files: readonly string[]): boolean {
  return files.every((file) =>
    /^(?:\/root|\/home\/[^/]+|\/Users\/[^/]+)\/\.ssh\/known_hosts2?$|^\/etc\/ssh\/ssh_known_hosts2?$/.test(file),
  );
}

function jumpsOf(target: SshTarget): readonly string[] {
  const { way, user, host, port } = target;
  return [...(way.kind === 'jump' ? jumpsOf(way.through) : []), `${user}@${peerOf(host, port)}`];
}
