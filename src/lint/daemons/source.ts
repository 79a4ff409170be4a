import { DeployError } from '../../errors/deploy-error.js';

/** A configuration file of a daemon. */
export interface DaemonFile {
  /** As messages show it. */
  readonly file: string;
  readonly text: string;
}

/** A value and the line that it stands in, counted from 1. */
export interface Located<T> {
  readonly value: T;
  readonly line: number;
}

/** One line of a configuration, or a block with what is between its braces. */
export interface Directive {
  readonly line: number;
  /** The name first; quotes are gone. */
  readonly words: readonly string[];
  readonly block?: readonly Directive[];
}

/** Stands in a text for a secret, which no rule may see. */
export const hiddenSecret = '<secret>';

const longestFile = 1024 * 1024;

/** The lines of a file. @throws DeployError DAEMON_CONFIG_UNREADABLE for what no daemon would read either */
export function linesOf({ file, text }: DaemonFile): string[] {
  if (text.length > longestFile) throw daemonFileUnreadable(file, 1, `more than ${longestFile} characters`);
  const lines = text.split(/\r\n|\n/);
  const odd = lines.findIndex((line) => line.includes('\0'));
  if (odd >= 0) throw daemonFileUnreadable(file, odd + 1, 'a NUL character');
  return lines;
}

export function daemonFileUnreadable(file: string, line: number, found: string): DeployError {
  return new DeployError('DAEMON_CONFIG_UNREADABLE', `${file}:${line}: ${found}`, {
    hint: 'Correct the file; the daemon would not read it either.',
  });
}

/** A number as both daemons write it; nothing for anything else. */
export function numberOf(word: string | undefined): number | undefined {
  return word !== undefined && /^[+-]?(\d{1,9}(\.\d*)?|\.\d+)$/.test(word) ? Number(word) : undefined;
}
