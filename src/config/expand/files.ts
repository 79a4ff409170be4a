import { readFileSync, statSync } from 'node:fs';
import { systemCode } from '../../errors/system-code.js';

/** What loading reads of the machine it runs on. Both throw as `node:fs` does. */
export interface Files {
  read(path: string): Uint8Array;
  /** Permission bits. */
  mode(path: string): number;
}

export const localFiles: Files = {
  read: (path) => readFileSync(path),
  mode: (path) => statSync(path).mode,
};

export const largestFile = 1024 * 1024;

export type TextFile = { readonly text: string } | UnreadableFile;

export interface UnreadableFile {
  readonly text?: undefined;
  /** Completes "the file …". */
  readonly why: string;
  readonly missing: boolean;
  /** The text of a file that is not UTF-8, as far as it is, with U+FFFD where it is not. */
  readonly around?: string;
}

/** Reads a UTF-8 file of a sensible size; a byte order mark is left out. */
export function readText(files: Files, path: string): TextFile {
  let bytes: Uint8Array;
  try {
    bytes = files.read(path);
  } catch (error) {
    return { why: reasonOf(error), missing: systemCode(error) === 'ENOENT' };
  }
  if (bytes.length > largestFile) return { why: `is larger than ${largestFile / 1024} KiB`, missing: false };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { why: 'is not UTF-8 text', missing: false, around: new TextDecoder('utf-8').decode(bytes) };
  }
}

/** Why a file cannot be read, to complete "the file …". */
export function reasonOf(error: unknown): string {
  const code = systemCode(error) ?? 'unknown error';
  return reasons.get(code) ?? `cannot be read (${code})`;
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['ENOTDIR', 'does not exist'],
  ['EISDIR', 'is a folder'],
  ['EACCES', 'may not be read by this user'],
]);
