import { execFile } from 'node:child_process';

/**
 * Whether an agent holds keys that the built-in library passes over: certificates, and keys of security devices. Their types
 * say so (PROTOCOL.certkeys and PROTOCOL.u2f of OpenSSH). Without an answer it holds none.
 */
export function holdsForeignKeys(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    execFile('ssh-add', ['-L'], { env, timeout: 10_000 }, (_error, stdout) => {
      resolve(stdout.split('\n').some((line) => /^(sk-|\S+-cert-v01@)/.test(line)));
    });
  });
}
