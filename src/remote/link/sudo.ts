import type { Secret } from '../../cluster/secrets/secret.js';

/** How a login becomes root. */
export interface Rights {
  /** Who logs in: root is root, anyone else goes through sudo. */
  readonly user: string;
  /** What sudo asks for; without it, it must ask for nothing. */
  readonly password?: Secret | undefined;
  /** Whether sudo wants to be run in a terminal (`requiretty`). */
  readonly terminal?: boolean | undefined;
}

/** What stands before a command that root is to run. @param prompt what sudo is to print when it wants the password */
export function asRoot({ user, password }: Rights, prompt: string): string {
  if (user === 'root') return '';
  return password === undefined ? 'sudo -n ' : `sudo -S -p ${prompt} `;
}

/** For messages. */
export function rootCommandOf({ user, password }: Rights): string {
  if (user === 'root') return 'sh';
  return password === undefined ? 'sudo -n sh' : 'sudo -S sh';
}
